import html
import json
import re

import folium
import numpy as np
import pytest

from streamlit_client.charts.data_map import (
    PopupColumn,
    RegionCount,
    Tiles,
    bounds_map,
    map_page,
    points_map,
    regions_map,
    two_maps,
)
from streamlit_client.charts.positions import Points
from streamlit_client.server import map_assets

HOSTILE = "</script><script>alert(1)</script>"
POINTS = Points(np.arange(3), np.array([35.8, 35.9, 35.85]), np.array([128.5, 128.6, 128.55]), 0, False)
COLUMNS = [PopupColumn(HOSTILE, ["차대차", HOSTILE], np.array([0, 1, -1]))]


def maps() -> list[folium.Map]:
    return [
        points_map(POINTS, COLUMNS, tiles=Tiles("http://tiles.example/{z}/{x}/{y}.png", "지도 제공")),
        two_maps(("사고", POINTS, COLUMNS), (HOSTILE, POINTS, COLUMNS), tiles=None),
        regions_map([RegionCount(HOSTILE, 35.87, 128.6, 3)], tiles=None),
        bounds_map([35.8, 35.9], [128.5, 128.6], tiles=None),
    ]


@pytest.mark.parametrize("number", range(4))
def test_same_map_is_the_same_page_so_that_drawing_it_again_changes_nothing(number: int) -> None:
    assert map_page(maps()[number]) == map_page(maps()[number])


@pytest.mark.parametrize("number", range(4))
def test_map_is_a_korean_page_that_follows_the_dark_theme_and_asks_no_other_server(number: int) -> None:
    map_assets.serve_from_here()
    page = map_page(maps()[number])
    assert '<html lang="ko">' in page
    assert "prefers-color-scheme: dark" in page
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert links
    assert all(link.startswith((map_assets.PATH, "/page-script/")) for link in links)


def test_nothing_of_a_file_is_taken_for_html() -> None:
    for drawn in maps():
        assert HOSTILE not in map_page(drawn)


@pytest.mark.parametrize("template", ["{{ 7 * 7 }}", "{% for _ in range(9) %}", "{# a remark", '"data 12"'])
def test_nothing_of_a_file_is_taken_for_a_template(template: str) -> None:
    columns = [PopupColumn(template, [template], np.array([0, 0, 0]))]
    page = map_page(two_maps((template, POINTS, columns), ("사고", POINTS, columns), tiles=None))
    cell, name = json.dumps(json.dumps(template))[1:-1], json.dumps(html.escape(template))
    assert (page.count(cell), page.count(name)) == (4, 1)


def test_circles_have_areas_of_their_shares_and_the_greatest_is_below_the_others() -> None:
    counts = [RegionCount("나", 35.9, 128.6, 25), RegionCount("가", 35.8, 128.5, 100)]
    page = map_page(regions_map(counts, tiles=None))
    assert '"names":["가","나"],"texts":["100건 (80.0%)","25건 (20.0%)"],"radius":[26.0,13.0]' in page


def test_fifteen_thousand_points_are_below_two_megabytes() -> None:
    count = 15_000
    points = Points(np.arange(count), np.linspace(35.6, 36, count), np.linspace(128.4, 128.8, count), 0, False)
    shared = [PopupColumn(f"열 {index}", [f"값 {n}" for n in range(20)], np.arange(count) % 20) for index in range(11)]
    own = PopupColumn("번호", [f"2020-{n:06d}" for n in range(count)], np.arange(count))
    assert len(map_page(points_map(points, [own, *shared], tiles=None))) < 2_000_000


def test_layers_of_points_wait_until_the_map_has_its_size_and_its_view() -> None:
    page = map_page(two_maps(("가", POINTS, ()), ("나", POINTS, ()), tiles=None))
    assert page.count(".isFitted = new Promise(") == 1
    assert page.count(".isFitted.then(") == page.count("L.markerClusterGroup(") + page.count("drawKorea(") == 3


def test_outlines_of_korea_are_under_every_map_without_tiles() -> None:
    (path,) = [path for path in map_assets.early_paths() if path.endswith(".json")]
    assert [path in map_page(drawn) for drawn in maps()] == [False, True, True, True]


def test_view_begins_at_a_whole_zoom_where_tiles_are_drawn() -> None:
    assert [re.findall(r"zoomSnap = ([\d.]+);", map_page(drawn))[0] for drawn in maps()] == [
        "1",
        "0.25",
        "0.25",
        "0.25",
    ]
