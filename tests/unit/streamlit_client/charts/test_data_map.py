import html
import json
import re

import folium
import numpy as np
import pytest

from streamlit_client.charts.data_map import (
    Area,
    PopupColumn,
    Tiles,
    areas_map,
    bounds_map,
    map_page,
    points_map,
    two_maps,
    value_steps,
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
        areas_map([Area("27170", HOSTILE, 3, HOSTILE)], HOSTILE, tiles=None),
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


@pytest.mark.parametrize(
    ("values", "steps", "texts"),
    [
        ([3], [0], ["3 (1곳)"]),
        ([5, 5, 5], [0, 0, 0], ["5 (3곳)"]),
        ([0, 9], [0, 1], ["0 (1곳) · 낮음", "9 (1곳) · 높음"]),
        (range(1, 101), None, ["1 ~ 19 (19곳) · 낮음", "20 ~ 39 (20곳)", "40 ~ 59 (20곳)", "60 ~ 79 (20곳)",
                               "80 ~ 100 (21곳) · 높음"]),
        ([1] * 9 + [2, 3], [0] * 9 + [1, 2], ["1 (9곳) · 낮음", "2 (1곳)", "3 (1곳) · 높음"]),
        ([1] * 99 + [2, 3, 4, 5, 6], [0] * 99 + [1] * 5, ["1 (99곳) · 낮음", "2 ~ 6 (5곳) · 높음"]),
        ([-1.5, 0.25, 1234.5], [0, 1, 2], ["-2 (1곳) · 낮음", "0 (1곳)", "1,234 (1곳) · 높음"]),
    ],
)  # fmt: skip
def test_steps_of_a_map_have_round_limits_and_none_is_empty(
    values: list[float], steps: list[int] | None, texts: list[str]
) -> None:
    found, said = value_steps(values)
    assert said == texts
    assert steps is None or found == steps


def test_regions_have_their_own_colours_values_and_the_file_with_their_outlines() -> None:
    areas = [Area("27170", "대구광역시 서구", 3, "건수: 3"), Area("27290", "대구광역시 달서구", 9, "건수: 9")]
    page = map_page(areas_map(areas, "건수", tiles=None))
    assert '"names":["대구광역시 서구","대구광역시 달서구"],"texts":["건수: 3","건수: 9"],"steps":[0,1]' in page
    assert re.findall(r'drawAreas\(\w+, \["/map-assets/(\w+)\.', page) == ["sigungu"]


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
