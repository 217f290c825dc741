"""Finds the columns of a frame that hold positions: those that mean them, otherwise by their values."""

from itertools import chain
from typing import NamedTuple

import numpy as np

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import Reading, numbers_of
from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.places.axes import find_pairs
from dataset_service.reading.places.find import in_degrees
from dataset_service.reading.places.sources import number_sources, text_sources
from dataset_service.reading.places.systems import LATITUDES, LONGITUDES

_MOSTLY = 0.9


class CoordinateColumns(NamedTuple):
    """The two columns in degrees. `are_swapped` means that their names are swapped."""

    latitude: Reading
    longitude: Reading
    are_swapped: bool


def find_coordinates(frame: Frame) -> CoordinateColumns | None:
    """Returns the columns with positions in Korea, or None. Tables of earlier versions do not tell meanings."""
    numbers = frame.of_kind(ColumnKind.NUMBER, ColumnKind.INTEGER)
    known = {column.reading.meaning: column for column in numbers}
    latitude, longitude = known.get(Meaning.LATITUDE), known.get(Meaning.LONGITUDE)
    if latitude is None or longitude is None:
        latitude, longitude = _named(frame) or _within_korea(frame)
    if latitude is None or longitude is None or not np.any(latitude.present & longitude.present):
        return None
    # Infinite degrees count as values outside Korea.
    north, east = (numbers_of(column, with_infinities=True) for column in (latitude, longitude))
    are_swapped = find_pairs([latitude.name, longitude.name]) == [(longitude.name, latitude.name)]
    return None if north is None or east is None else CoordinateColumns(north, east, are_swapped)


def _named(frame: Frame) -> tuple[Column, Column] | None:
    columns = [typed(column) for column in frame.columns.values()]
    for source in chain(number_sources(columns), text_sources(columns)):
        if len(source.names) == 2 and (degrees := in_degrees(source)):
            return frame.columns[degrees.names[0]], frame.columns[degrees.names[1]]
    return None


def typed(column: Column) -> TypedColumn:
    """Returns the column as the reader knows it."""
    if column.kind is ColumnKind.TEXT:
        return TypedColumn(column.name, column.reading, column.array, column.array.indices, column.categories)
    return TypedColumn(column.name, column.reading, column.array, column.array, column.array)


def _within_korea(frame: Frame) -> tuple[Column | None, Column | None]:
    numbers = frame.of_kind(ColumnKind.NUMBER)
    latitude = next((column for column in numbers if _is_mostly_within(column, LATITUDES)), None)
    longitude = next((column for column in numbers if _is_mostly_within(column, LONGITUDES)), None)
    return latitude, longitude


def _is_mostly_within(column: Column, limits: tuple[float, float]) -> bool:
    inside = np.count_nonzero((column.values >= limits[0]) & (column.values <= limits[1]))
    return bool(column.used and inside >= _MOSTLY * column.used)
