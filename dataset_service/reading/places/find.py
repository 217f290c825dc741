"""Finds the positions of a table, in degrees; those that are written in another way become two columns more."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.names import free_name
from dataset_service.reading.places.choose_system import Basis, Choice, choose_system, may_be_metres
from dataset_service.reading.places.fitting import fit_of
from dataset_service.reading.places.sources import Source, number_sources, text_sources
from dataset_service.reading.places.system_words import lines_about_systems, named_systems
from dataset_service.reading.places.systems import (
    DEGREES,
    LEAST_INSIDE,
    NONE,
    SYSTEMS,
    System,
    is_in_korea,
    to_degrees,
)
from dataset_service.reading.reading import ColumnReading
from dataset_service.reading.warning import DatasetWarning

DERIVED_NAMES = ("위도(계산)", "경도(계산)")
_AXES = (Meaning.LATITUDE, Meaning.LONGITUDE)
_DECIMALS = 6
_SYSTEM_NAME = re.compile("좌표계|원점|측지계|투영|epsg|srid|crs", re.IGNORECASE)
_MOST_SYSTEMS = 3
# Names of coordinates in files of business licences, which have always been in this system.
_LICENCE_NAME, _LICENCE_SYSTEM = "좌표정보", "EPSG:5174"


class Places(NamedTuple):
    """The columns with the meanings of positions, those that were calculated behind them, and how."""

    columns: Sequence[TypedColumn]
    crs: str
    """The part of a reading with which the same columns are found again."""
    warnings: Sequence[DatasetWarning] = ()


class Hints(NamedTuple):
    """What else a file says about its places."""

    region_columns: Sequence[str] = ()
    """The columns that together name the region of each row, the greater regions first."""
    notes: str = ""
    """Text around the table."""


_NO_HINTS = Hints()


def find_places(columns: Sequence[TypedColumn], crs: str = "", hints: Hints = _NO_HINTS) -> Places:
    """Returns the positions of a table. `crs` is the system that was chosen, or empty to find it.

    Degrees in numbers are used as they are. Other positions become two columns of degrees, missing where a row has no
    position in Korea.
    """
    numbers = number_sources(columns)
    found = _find(columns, numbers, crs, hints)
    for source in numbers:
        if may_be_metres(source.east[rows := source.sample()], source.north[rows]):
            found = found._replace(columns=_with_meanings(found.columns, source, (Meaning.METRES_Y, Meaning.METRES_X)))
    return found


def _find(columns: Sequence[TypedColumn], numbers: Sequence[Source], crs: str, hints: Hints) -> Places:
    if crs not in SYSTEMS:
        for source in numbers:
            if degrees := in_degrees(source):
                told = (*_told_swap(source, degrees), *_told_outside(degrees))
                return Places(_with_meanings(columns, degrees, _AXES), NONE, told)
    if crs == NONE:
        return Places(columns, NONE)
    texts: list[Source] = []
    for source in text_sources(columns):
        texts.append(source)
        if crs not in SYSTEMS and (degrees := in_degrees(source)):
            read = DatasetWarning("DEGREES_READ", column=_names(columns, source), undo={"crs": NONE})
            found = Places(columns, DEGREES, (read, *_told_swap(source, degrees)))
            return _with_derived(found, degrees, degrees)
    for source in (*numbers, *texts) if crs != DEGREES else ():
        if choice := _choose(columns, source, crs, hints):
            return _converted(columns, source, choice)
    unused = DatasetWarning("SYSTEM_UNUSED", used=crs, undo={"crs": None})
    return Places(columns, crs or NONE, (unused,) if crs else ())


def in_degrees(source: Source) -> Source | None:
    """Returns a source with latitudes to the north, if at least half of its positions are degrees in Korea."""
    for ordered in (source, source.swapped()):
        inside = is_in_korea(ordered.north[source.is_present], ordered.east[source.is_present])
        if len(inside) and np.mean(inside) >= LEAST_INSIDE:
            return ordered
    return None


def _choose(columns: Sequence[TypedColumn], source: Source, crs: str, hints: Hints) -> Choice | None:
    """Returns the system of a source, or None if it holds no metres in Korea."""
    rows = source.sample()
    x, y = source.east[rows], source.north[rows]
    fit = fit_of(columns, hints.region_columns, rows)
    if crs:
        choice = choose_system(x, y, [SYSTEMS[crs]], fit)
        return choice and choice._replace(basis=Basis.CHOSEN)
    own = [*source.names, source.system]
    named = named_systems([*own, *_systems_of_rows(columns), *lines_about_systems(hints.notes)]) or named_systems(own)
    for systems in (named, list(SYSTEMS.values())):
        usual = sorted(systems, key=lambda system: not _is_of_licences(system, source))
        if choice := choose_system(x, y, usual, fit):
            return choice._replace(basis=Basis.NAMED) if len(systems) == 1 else choice
    return None


def _is_of_licences(system: System, source: Source) -> bool:
    return system.name == _LICENCE_SYSTEM and any(_LICENCE_NAME in name for name in source.names)


def _systems_of_rows(columns: Sequence[TypedColumn]) -> list[str]:
    """Returns the values of a column that names the system of its row."""
    for column in columns:
        if _SYSTEM_NAME.search(column.name) and 0 < len(column.values) <= _MOST_SYSTEMS:
            return list(map(str, column.values.to_pylist()))
    return []


def _converted(columns: Sequence[TypedColumn], source: Source, choice: Choice) -> Places:
    ordered, system = source.swapped() if choice.are_swapped else source, choice.system
    told = DatasetWarning(
        "COORDINATES_CONVERTED", 0, _names(columns, source), choice.basis, system.name, undo={"crs": NONE}
    )
    columns = _with_meanings(columns, ordered, (Meaning.METRES_Y, Meaning.METRES_X))
    found = Places(columns, system.name, (told, *_told_swap(source, ordered)))
    latitudes, longitudes = to_degrees(system, ordered.east, ordered.north)
    return _with_derived(found, source, source._replace(north=latitudes, east=longitudes))


def _with_derived(found: Places, source: Source, degrees: Source) -> Places:
    """Returns what was found with two columns of degrees behind it, and what is missing there."""
    inside = is_in_korea(degrees.north, degrees.east)
    taken = {column.name for column in found.columns}
    derived = []
    for name, meaning, numbers in zip(DERIVED_NAMES, _AXES, (degrees.north, degrees.east), strict=True):
        cells = pa.array(np.round(numbers, _DECIMALS), mask=~inside)
        values = cells.dictionary_encode()
        reading = ColumnReading(ColumnKind.NUMBER, meaning, derived_from=_names(found.columns, source))
        derived.append(TypedColumn(free_name(name, taken), reading, cells, values.indices, values.dictionary))
    unread = [DatasetWarning("COORDINATES_UNREAD", column=_names(found.columns, source), given=str(source.unread))]
    told = (*found.warnings, *unread[: source.unread], *_told_outside(degrees))
    return found._replace(columns=[*_with_meanings(found.columns, source, ()), *derived], warnings=told)


def _with_meanings(columns: Sequence[TypedColumn], source: Source, meanings: Sequence[Meaning]) -> list[TypedColumn]:
    """Returns the columns with the meanings of those of a source; a meaning that is known stays."""
    by_name = dict(zip(source.names, meanings if len(source.names) > 1 else (Meaning.POSITION,), strict=False))
    return [
        column._replace(reading=replace(column.reading, meaning=column.reading.meaning or by_name.get(column.name, "")))
        for column in columns
    ]


def _names(columns: Sequence[TypedColumn], source: Source) -> str:
    """Returns the names of the columns of a source, in the order of the table."""
    return ", ".join(column.name for column in columns if column.name in source.names)


def _told_swap(source: Source, ordered: Source) -> list[DatasetWarning]:
    return [DatasetWarning("COORDINATES_SWAPPED", column=source.names[0])] if ordered.names != source.names else []


def _told_outside(degrees: Source) -> list[DatasetWarning]:
    outside = int(np.count_nonzero(degrees.is_present & ~is_in_korea(degrees.north, degrees.east)))
    return [DatasetWarning("COORDINATES_OUTSIDE", column=degrees.names[0], given=str(outside))] if outside else []
