from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import shapely

from servicekit.korea.build import build

WEST = shapely.box(128.0, 35.0, 128.0101, 35.01)  # laps over the one in the east
EAST = shapely.box(128.01, 35.0, 128.02, 35.01)
NORTH = shapely.difference(
    shapely.box(128.0, 35.01, 128.02, 35.02), shapely.box(128.005, 35.0, 128.015, 35.0102)
)  # a gap
ISLAND = shapely.box(128.5, 35.5, 128.5001, 35.5001)
FORMER_TOWN = shapely.box(128.0, 35.0, 128.02, 35.02)


class Outlines:
    """Three towns of two districts of a city, and one that became a part of others."""

    towns: Mapping[str, shapely.Geometry] = {
        "41111129": WEST,
        "41111130": EAST,
        "41113126": shapely.union(NORTH, ISLAND),
        "44830250": FORMER_TOWN,
    }

    def load(self, level: str) -> tuple[Sequence[shapely.Geometry], Sequence[Mapping[str, str]]]:
        assert level == "emd"
        return list(self.towns.values()), [{"code": code} for code in self.towns]


def built(folder: Path) -> Mapping[str, Mapping[str, object]]:
    build(folder / "regions.parquet", Outlines())
    return {row["code"]: row for row in pq.read_table(folder / "regions.parquet").to_pylist()}


def test_towns_get_common_borders_without_overlaps_and_gaps(tmp_path: Path) -> None:
    outlines = [shapely.from_wkb(row["boundary"]) for row in built(tmp_path).values() if row["boundary"]]
    assert len(outlines) == 3
    assert shapely.coverage_is_valid(outlines)
    mainland = max(shapely.get_parts(shapely.coverage_union_all(outlines)), key=shapely.area)
    assert (shapely.get_num_interior_rings(mainland), mainland.bounds) == (0, (128.0, 35.0, 128.02, 35.02))


def test_regions_around_the_towns_have_a_point_in_their_largest_part_and_no_boundary(tmp_path: Path) -> None:
    rows = built(tmp_path)
    assert {code for code, row in rows.items() if row["boundary"] is None} == {"41", "41111", "41113", "41110"}
    assert (rows["41110"]["latitude"], rows["41110"]["longitude"]) == (35.01, 128.01)


def test_file_is_built_once(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "regions.parquet"
    assert [build(file, Outlines()), build(file, Outlines())] == [True, False]
    assert [path.name for path in file.parent.iterdir()] == ["regions.parquet"]
