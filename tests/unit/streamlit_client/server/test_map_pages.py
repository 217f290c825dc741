import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.testclient import TestClient

from streamlit_client import state
from streamlit_client.server.map_pages import keep, page_routes
from streamlit_client.settings import PageSettings

client = TestClient(Starlette(routes=[*page_routes()]))


def test_map_is_fetched_by_its_path_compressed_and_reaches_nothing_of_the_page_around_it() -> None:
    page = "<html>" + "지도" * 1_000
    answer = client.get(keep(page))
    assert answer.text == page
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-security-policy"].startswith("sandbox ")
    assert "allow-same-origin" not in answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert client.get(keep(page), headers={"Accept-Encoding": "identity"}).text == page


@pytest.mark.parametrize(
    ("url", "images"),
    [
        ("", "img-src 'self' data:"),
        ("https://tiles.example/a/{z}/{x}/{y}.png", "img-src 'self' data: https://tiles.example"),
        (
            "https://{s}.tiles.example/{z}/{x}/{y}.png",
            "img-src 'self' data: https://a.tiles.example https://b.tiles.example https://c.tiles.example",
        ),
    ],
)
def test_map_may_ask_no_server_but_that_of_its_ground(url: str, images: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "settings", lambda: PageSettings(MAP_TILES_URL=url))
    *_, policy = client.get(keep("지도")).headers["content-security-policy"].partition("default-src 'none'; ")
    assert policy.endswith(images)


@pytest.mark.parametrize(
    "url", ["tiles.example/{z}", "https://a; script-src *//{z}", "https://tiles.example/no-places"]
)
def test_server_of_tiles_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValidationError):
        PageSettings(MAP_TILES_URL=url)


def test_same_map_has_the_same_path_so_that_browsers_keep_it() -> None:
    assert keep("한 지도") == keep("한 지도") != keep("다른 지도")


def test_only_the_newest_maps_are_kept() -> None:
    paths = [keep(f"지도 {number}") for number in range(100)]
    assert client.get(paths[-1]).status_code == 200
    assert client.get(paths[0]).status_code == 404
