"""What maps need comes from our own server."""

import folium
from folium.plugins import FastMarkerCluster, HeatMap
from starlette.applications import Starlette
from starlette.testclient import TestClient

from streamlit_client.server import map_assets


def links_of_a_map() -> list[str]:
    map_assets.serve_from_here()
    map_assets.serve_from_here()
    kinds = (folium.Map, FastMarkerCluster, HeatMap)
    return [url for kind in kinds for _, url in (*kind.default_js, *kind.default_css)]


def test_maps_name_no_other_server() -> None:
    drawn = folium.Map((35.87, 128.6), tiles=None)
    links_of_a_map()
    html = drawn.get_root().render()
    assert "https://" not in html.replace("https://leafletjs.com", "")


def test_everything_a_map_names_is_served() -> None:
    client = TestClient(Starlette(routes=list(map_assets.asset_routes())))
    for url in links_of_a_map():
        answer = client.get(url)
        assert (answer.status_code, len(answer.content) > 500) == (200, True), url
    assert map_assets.find_missing() == []


def test_outlines_are_served_to_be_kept_and_every_map_needs_those_of_the_country_alone() -> None:
    client = TestClient(Starlette(routes=list(map_assets.asset_routes())))
    files = [path for path, _ in map_assets.contents() if path.endswith(".json")]
    assert len(files) == 18 + 17 + 2  # the country and its provinces, their towns, provinces and districts
    assert [path for path in map_assets.early_paths() if path.endswith(".json")] == [map_assets.find_outlines()]
    for path in files:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert "immutable" in answer.headers["cache-control"]


def test_nothing_beside_them_is_served() -> None:
    client = TestClient(Starlette(routes=list(map_assets.asset_routes())))
    for name in ("..", "%2e%2e%2fpyvenv.cfg", "korea.json", "nothing"):
        assert client.get(f"{map_assets.PATH}/{name}").status_code == 404


def test_area_of_a_region_is_in_the_file_of_its_level() -> None:
    found = map_assets.find_areas(["27", "27170", "41110", "27170101", "28290", "99"])
    assert {code: path.partition(".")[0] for code, path in found.items()} == {
        "27": "/map-assets/sido",
        "27170": "/map-assets/sigungu",
        "41110": "/map-assets/sigungu",
        "27170101": "/map-assets/towns-27",
    }
