"""Finds the columns of a frame that hold positions: by name as the profile does, else by what they hold."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dataset_service.column_types import ColumnKind, TypedColumn
from dataset_service.frame_column import Column
from dataset_service.frames import Frame
from dataset_service.known_columns import LATITUDES, LONGITUDES
from dataset_service.known_columns import find_coordinates as find_named_coordinates
from dataset_service.warning import WarningReason

_MOSTLY = 0.9


class CoordinateColumns(NamedTuple):
    """The two columns as they are to be read. `are_swapped` says that their names have it the other way round."""

    latitude: Column
    longitude: Column
    are_swapped: bool


def find_coordinates(frame: Frame) -> CoordinateColumns | None:
    """Returns the columns with positions in Korea; None when there are none."""
    numeric = frame.of_kind(ColumnKind.NUMBER, ColumnKind.INTEGER)
    typed = [TypedColumn(one.name, one.kind, one.array, one.array, one.array) for one in numeric]
    named, warnings = find_named_coordinates(typed)
    if named:
        are_swapped = any(warning.reason is WarningReason.COORDINATES_SWAPPED for warning in warnings)
        return CoordinateColumns(frame.columns[named.latitude], frame.columns[named.longitude], are_swapped)
    latitude = _first_within(frame.of_kind(ColumnKind.NUMBER), LATITUDES)
    longitude = _first_within(frame.of_kind(ColumnKind.NUMBER), LONGITUDES)
    if latitude is None or longitude is None or not np.any(latitude.present & longitude.present):
        return None
    return CoordinateColumns(latitude, longitude, are_swapped=False)


def _first_within(columns: Sequence[Column], limits: tuple[float, float]) -> Column | None:
    return next((column for column in columns if _is_mostly_within(column, limits)), None)


def _is_mostly_within(column: Column, limits: tuple[float, float]) -> bool:
    inside = np.count_nonzero((column.values >= limits[0]) & (column.values <= limits[1]))
    return bool(column.used and inside >= _MOSTLY * column.used)
