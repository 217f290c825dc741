"""Where the regions of Korea are: a point inside each, and the region at a position.

`python -m servicekit.korea.build` writes the file when the environment is set up.
"""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

FILE = Path(sys.prefix) / "share" / "daegu-regions" / "regions.parquet"
"""All regions with outlines, by present code: a point in each, and the boundary of each 읍면동 as WKB in degrees.

Boundaries have common borders without overlaps and gaps. 여주시 has one as well, of the part without known 읍면동.
Source: National Geographic Information Institute, 2023-09-15.
"""
Floats = npt.NDArray[np.float64]


class BoundariesMissing(RuntimeError):
    """The environment was not set up completely."""


class Centre(NamedTuple):
    """A point inside a region, in degrees."""

    latitude: float
    longitude: float


@cache
def centres() -> Mapping[str, Centre]:
    """Returns a point inside each region with an outline, by its present code of 2, 5 or 8 digits.

    Raises `BoundariesMissing`.
    """
    table = _read("code", "latitude", "longitude").to_pydict()
    return dict(zip(table["code"], map(Centre, table["latitude"], table["longitude"]), strict=True))


def regions_at(latitudes: Floats, longitudes: Floats, digits: int = 8) -> npt.NDArray[np.str_]:
    """Returns the code of the region at each position; empty texts at sea, abroad and where a degree is missing.

    Codes have `digits` digits (2, 5 or 8), or fewer where no smaller region is known. Boundaries are wrong by up to
    some 10 m.
    Raises `BoundariesMissing`.
    """
    import shapely  # only processes that look positions up need its memory

    codes, outlines = town_outlines()
    found = np.full(len(latitudes), "", dtype=f"<U{digits}")
    known = np.flatnonzero(np.isfinite(latitudes) & np.isfinite(longitudes))
    points, candidates = _tree().query(shapely.points(longitudes[known], latitudes[known]))
    rows = known[points]
    inside = shapely.intersects_xy(outlines[candidates], longitudes[rows], latitudes[rows])
    found[rows[inside]] = codes[candidates[inside]]  # longer codes are cut to their beginning
    return found


@cache
def town_outlines() -> tuple[npt.NDArray[np.str_], npt.NDArray[np.object_]]:
    """Returns the outlines that divide the country, as geometries of shapely, and the code of each.

    Raises `BoundariesMissing`.
    """
    import shapely

    table = _read("code", "boundary")
    table = table.filter(table["boundary"].is_valid())
    outlines = shapely.from_wkb(table["boundary"].to_numpy())
    shapely.prepare(outlines)
    return table["code"].to_numpy().astype("<U8"), outlines


@cache
def _tree() -> Any:
    import shapely

    return shapely.STRtree(town_outlines()[1])


def _read(*columns: str) -> pa.Table:
    try:
        return pq.read_table(FILE, columns=list(columns))
    except FileNotFoundError as error:
        raise BoundariesMissing(f"{FILE} is missing: run ./scripts/setup") from error
