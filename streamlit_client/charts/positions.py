"""Positions of a dataset's rows: validated points, and proximity."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

# Bounds of South Korea with its islands, in degrees.
LATITUDES, LONGITUDES = (33.0, 39.0), (124.0, 132.0)
_METRES_PER_DEGREE = 111_320.0
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Points:
    """Rows with a position inside Korea: their index in the frame, latitude and longitude in degrees."""

    rows: npt.NDArray[np.int64]
    latitudes: Floats
    longitudes: Floats
    left_out: int
    were_swapped: bool

    def sample(self, most: int) -> "Points":
        """Returns at most `most` points, always the same ones."""
        if len(self.rows) <= most:
            return self
        kept = np.sort(np.random.default_rng(0).choice(len(self.rows), most, replace=False))
        return Points(self.rows[kept], self.latitudes[kept], self.longitudes[kept], self.left_out, self.were_swapped)


@dataclass(frozen=True, slots=True)
class Nearness:
    """For each first point the metres to the nearest second one; for each second one how many first ones are near."""

    distances: Floats
    counts: npt.NDArray[np.int64]


def find_points(latitudes: pd.Series, longitudes: pd.Series) -> Points:
    """Returns the rows whose position is in Korea. Swapped columns are swapped back."""
    north, east = _to_degrees(latitudes), _to_degrees(longitudes)
    were_swapped = _are_inside(east, north).sum() > _are_inside(north, east).sum()
    if were_swapped:
        north, east = east, north
    inside = _are_inside(north, east)
    rows = np.flatnonzero(inside)
    return Points(rows, north[rows], east[rows], int((~inside).sum()), bool(were_swapped))


def find_near(first: Points, second: Points, metres: float) -> Nearness:
    """Returns the proximity of two sets, by k-d trees on a plane: within a city the error is far below one percent."""
    middle = float(np.mean(second.latitudes))
    first_plane, second_plane = _plane(first, middle), _plane(second, middle)
    distances, _ = cKDTree(second_plane).query(first_plane)
    within = cKDTree(first_plane).query_ball_point(second_plane, metres, return_length=True)
    return Nearness(np.asarray(distances, dtype=np.float64), np.asarray(within, dtype=np.int64))


def _to_degrees(values: pd.Series) -> Floats:
    return pd.to_numeric(values.astype(object), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _are_inside(north: Floats, east: Floats) -> npt.NDArray[np.bool_]:
    return (north >= LATITUDES[0]) & (north <= LATITUDES[1]) & (east >= LONGITUDES[0]) & (east <= LONGITUDES[1])


def _plane(points: Points, middle: float) -> Floats:
    east = points.longitudes * np.cos(np.radians(middle))
    return np.column_stack([points.latitudes, east]) * _METRES_PER_DEGREE
