"""Distances of rows in km: from a point, or from the nearest of other rows."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataset_service.analysis.frame.column import Column, Mask
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.added import Added
from dataset_service.analysis.question.regions import coordinates_of
from dataset_service.analysis.wording import code_text
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.reading import ColumnReading
from servicekit.errors import ToolRefused

_RADIUS_KM = 6371.0088
_MOST_PLACES = 100_000
Floats = npt.NDArray[np.float64]
_DISTANCE_KM = f"""\
def distance_km(latitudes, longitudes, latitude, longitude):
    north, east, to_north, to_east = map(np.radians, (latitudes, longitudes, latitude, longitude))
    half = np.sin((to_north - north) / 2) ** 2 + np.cos(north) * np.cos(to_north) * np.sin((to_east - east) / 2) ** 2
    return 2 * {_RADIUS_KM} * np.arcsin(np.sqrt(half.clip(upper=1)))
"""
_NEAREST_KM = f"""\
def nearest_km(latitudes, longitudes, rows):
    from scipy.spatial import cKDTree

    def places(rows):
        north, east = np.radians(latitudes[rows]), np.radians(longitudes[rows])
        return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)

    known = latitudes.notna() & longitudes.notna()
    chords, _ = cKDTree(places(known & rows)).query(places(known))
    return pd.Series(2 * {_RADIUS_KM} * np.arcsin(chords / 2), index=latitudes.index[known]).reindex(latitudes.index)
"""


def distance_from_point(frame: Frame, name: str, latitude: float, longitude: float) -> Added:
    """Returns the distance of each row to a point in degrees. Raises `ToolRefused` for data without positions."""
    latitudes, longitudes, present, code, functions = _positions(frame)
    north, east = np.radians(latitudes), np.radians(longitudes)
    to_north, to_east = np.radians(latitude), np.radians(longitude)
    half = np.sin((to_north - north) / 2) ** 2 + np.cos(north) * np.cos(to_north) * np.sin((to_east - east) / 2) ** 2
    distances = 2 * _RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1)))
    code = f"distance_km({code}, {latitude!r}, {longitude!r})"
    return Added(_column(name, distances, present), code, (*functions, _DISTANCE_KM), notes=_notes(name, present))


def distance_from_rows(frame: Frame, name: str, rows: Mask, rows_code: str) -> Added:
    """Returns the distance of each row to the nearest of some rows, 0 for these. Raises `ToolRefused`."""
    from scipy.spatial import cKDTree  # only processes that look for neighbours need its memory

    latitudes, longitudes, present, code, functions = _positions(frame)
    north, east = np.radians(latitudes[present]), np.radians(longitudes[present])
    places = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)
    targets = places[rows[present]]
    if not len(targets):
        raise ToolRefused("조건에 맞는 행 가운데 위치가 있는 행이 없어 거리를 잴 수 없습니다.")
    if len(targets) > _MOST_PLACES:
        raise ToolRefused(
            f"거리를 잴 곳이 {len(targets):,}곳입니다. 조건을 더 좁혀 {_MOST_PLACES:,}곳 이하로 줄여주세요."
        )
    chords, _ = cKDTree(targets).query(places)
    distances = np.full(frame.rows, np.nan)
    distances[present] = 2 * _RADIUS_KM * np.arcsin(chords / 2)
    notes = (f"{code_text(name)}: 조건에 맞는 행 자신은 0 km입니다.", *_notes(name, present))
    code = f"nearest_km({code}, {rows_code})"
    return Added(_column(name, distances, present), code, (*functions, _NEAREST_KM), notes=notes)


def _positions(frame: Frame) -> tuple[Floats, Floats, Mask, str, tuple[str, ...]]:
    """Returns the degrees of the rows, which have both, and the pandas expressions for them."""
    degrees = coordinates_of(frame)
    if degrees is None:
        raise ToolRefused("이 데이터셋에는 위도와 경도 열이 없어 거리를 잴 수 없습니다.")
    latitudes, longitudes = (reading.values.astype(np.float64) for reading in (degrees.latitude, degrees.longitude))
    present = degrees.latitude.present & degrees.longitude.present & np.isfinite(latitudes) & np.isfinite(longitudes)
    code = ", ".join(f'{one.code}.astype("float64")' for one in (degrees.latitude, degrees.longitude))
    return latitudes, longitudes, present, code, (degrees.latitude.function, degrees.longitude.function)


def _notes(name: str, present: Mask) -> tuple[str, ...]:
    unknown = len(present) - int(np.count_nonzero(present))
    return (f"{code_text(name)}: 위치가 없는 {unknown:,}행은 거리가 없습니다.",) if unknown else ()


def _column(name: str, distances: Any, present: Mask) -> Column:
    array = pa.array(np.where(present, distances, 0), mask=~present)
    return Column(name, pa.chunked_array([array]), ColumnReading(kind=ColumnKind.NUMBER, unit="km"))
