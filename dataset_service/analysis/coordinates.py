"""Finds the columns of a frame that hold positions: by name like the profile, otherwise by their values."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dataset_service.analysis.frame_column import Column
from dataset_service.analysis.frames import Frame
from dataset_service.analysis.readings import Reading, numbers_of
from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.known_columns import LATITUDES, LONGITUDES
from dataset_service.reading.columns.known_columns import find_coordinates as find_named_coordinates

_MOSTLY = 0.9


class CoordinateColumns(NamedTuple):
    """The two columns in degrees. `are_swapped` means that their names are swapped."""

    latitude: Reading
    longitude: Reading
    are_swapped: bool


def find_coordinates(frame: Frame) -> CoordinateColumns | None:
    """Returns the columns with positions in Korea, or None."""
    named, warnings = find_named_coordinates([_typed(column) for column in frame.columns.values()])
    if named:
        are_swapped = any(warning.reason == "COORDINATES_SWAPPED" for warning in warnings)
        return _read(frame.columns[named.latitude], frame.columns[named.longitude], are_swapped=are_swapped)
    latitude = _first_within(frame.of_kind(ColumnKind.NUMBER), LATITUDES)
    longitude = _first_within(frame.of_kind(ColumnKind.NUMBER), LONGITUDES)
    if latitude is None or longitude is None or not np.any(latitude.present & longitude.present):
        return None
    return _read(latitude, longitude, are_swapped=False)


def _read(latitude: Column, longitude: Column, *, are_swapped: bool) -> CoordinateColumns | None:
    # Infinite degrees count as values outside Korea.
    north, east = (numbers_of(column, with_infinities=True) for column in (latitude, longitude))
    return None if north is None or east is None else CoordinateColumns(north, east, are_swapped)


def _typed(column: Column) -> TypedColumn:
    if column.kind is ColumnKind.TEXT:
        return TypedColumn(column.name, column.reading, column.array, column.array.indices, column.categories)
    return TypedColumn(column.name, column.reading, column.array, column.array, column.array)


def _first_within(columns: Sequence[Column], limits: tuple[float, float]) -> Column | None:
    return next((column for column in columns if _is_mostly_within(column, limits)), None)


def _is_mostly_within(column: Column, limits: tuple[float, float]) -> bool:
    inside = np.count_nonzero((column.values >= limits[0]) & (column.values <= limits[1]))
    return bool(column.used and inside >= _MOSTLY * column.used)
