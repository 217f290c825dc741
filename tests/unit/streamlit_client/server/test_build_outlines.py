"""The files of outlines in this environment, which its set-up wrote."""

import gzip
import json
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import shapely

from servicekit.korea.boundaries import centres
from servicekit.korea.names import regions
from streamlit_client.server.build_outlines import build
from streamlit_client.server.map_assets import OUTLINES

COUNTRY_BYTES, PROVINCE_BYTES, COUNTRY_WIRE_BYTES = 400_000, 1_500_000, 150_000


def read(pattern: str) -> Any:
    (path,) = OUTLINES.glob(pattern)
    return json.loads(path.read_bytes())


@pytest.fixture(scope="module")
def provinces() -> Sequence[Any]:
    found: Sequence[Any] = read("korea.*.json")["provinces"]
    return found


def points(line: Sequence[int], unit: float) -> list[tuple[float, float]]:
    """Returns positions (longitude, latitude) from what a file has: a point, and steps from it."""
    norths, easts = accumulate(line[::2]), accumulate(line[1::2])
    return [(east * unit, north * unit) for north, east in zip(norths, easts, strict=True)]


def land(outlines: Any) -> shapely.Geometry:
    polygons = [[points(ring, outlines["unit"]) for ring in rings] for rings in outlines["land"]]
    return shapely.union_all(shapely.make_valid([shapely.Polygon(rings[0], rings[1:]) for rings in polygons]))


def test_files_of_this_code_are_not_written_again(tmp_path: Path) -> None:
    (country,) = OUTLINES.glob("korea.*.json")
    (tmp_path / country.name).touch()
    assert not build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [country.name]


def test_outlines_are_small_enough_for_slow_lines() -> None:
    (country,) = OUTLINES.glob("korea.*.json")
    content = country.read_bytes()
    assert (len(content) <= COUNTRY_BYTES, len(gzip.compress(content)) <= COUNTRY_WIRE_BYTES) == (True, True)
    assert max(path.stat().st_size for path in OUTLINES.iterdir()) <= PROVINCE_BYTES


def test_no_region_is_lost_and_each_name_is_on_its_land(provinces: Sequence[Any]) -> None:
    assert [outlines["name"][0] for outlines in provinces] == [
        region.own_name for code, region in sorted(regions().items()) if len(code) == 2
    ]
    names = {"district": 0, "town": 0}
    for outlines in provinces:
        fine = read(outlines["file"])
        for kind, shown in (("district", outlines), ("town", fine)):
            shore = shapely.buffer(land(shown), 0.002 if kind == "district" else 0.0002)
            names[kind] += len(shown["names"])
            away = [
                n
                for n, y, x in shown["names"]
                if not shapely.intersects_xy(shore, x * shown["unit"], y * shown["unit"])
            ]
            assert away == []
    assert names == {"district": 251, "town": 5024}


def test_province_is_asked_for_where_it_is(provinces: Sequence[Any]) -> None:
    for outlines in provinces:
        boxes = [[degree * outlines["unit"] for degree in box] for box in outlines["boxes"]]
        around = shapely.union_all([shapely.box(west, south, east, north) for south, west, north, east in boxes])
        assert shapely.buffer(around, 1e-4).contains(land(read(outlines["file"])))


def test_borders_run_inside_the_land_only(provinces: Sequence[Any]) -> None:
    daegu = read(next(outlines["file"] for outlines in provinces if outlines["name"][0] == "대구광역시"))
    inside, towns = shapely.buffer(land(daegu), -0.0001), daegu["towns"]
    assert (len(daegu["borders"]) > 10, len(towns) > 200) == (True, True)
    for line in (*daegu["borders"], *towns):
        middle = shapely.LineString(points(line, daegu["unit"])).interpolate(0.5, normalized=True)
        assert inside.contains(middle)


@pytest.mark.parametrize(("pattern", "count"), [("sido.*", 17), ("sigungu.*", 251 + 12), ("towns-*", 5025)])
def test_every_region_has_an_area_around_its_own_centre(pattern: str, count: int) -> None:
    files = [json.loads(path.read_bytes()) for path in OUTLINES.glob(f"{pattern}.json")]
    areas = {code: (polygons, file["unit"]) for file in files for code, polygons in file["areas"].items()}
    assert len(areas) == count
    away = []
    for code, (polygons, unit) in areas.items():
        rings = [[points(ring, unit) for ring in polygon] for polygon in polygons]
        outline = shapely.union_all(shapely.make_valid([shapely.Polygon(one[0], one[1:]) for one in rings]))
        centre = centres()[code]
        if not shapely.intersects_xy(shapely.buffer(outline, 0.003), centre.longitude, centre.latitude):
            away.append(code)
    assert away == []


def test_areas_of_all_districts_are_small_enough_for_slow_lines() -> None:
    (path,) = OUTLINES.glob("sigungu.*.json")
    assert path.stat().st_size <= COUNTRY_BYTES
