"""Reads a table of texts as inputs of predictions: finds the columns, and parses the rows."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from servicekit.korean_text.particles import choose_particles
from streamlit_client import texts
from streamlit_client.backend.contract import Accident
from streamlit_client.files.csv_file import CsvTable
from streamlit_client.parts.accident_time import time_period_of, weekday_of

OCCURRED_AT = "occurred_at"
LABELS = ("weather", "road_surface", "road_type", "accident_type", "district")
MOMENT = ("accident_year", "accident_month", "accident_day", "accident_hour")
DERIVED = ("day_of_week", "time_period")
SOURCES = (OCCURRED_AT, *MOMENT, *LABELS, *DERIVED)
SOURCE_NAMES = {OCCURRED_AT: texts.OCCURRED_AT, **texts.FIELD_NAMES}

Columns = Mapping[str, int]
"""The index of the column of each source. Sources without a column are left out."""

_LONGEST_LABEL = 200
# `2022-01-01 01`, `2022-01-01T13:00`, `2022/1/1 13:30:00`, also with Korean units or without the hour
_SPACED = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})(?!\d)(?:[^\d]{1,6}(\d{1,2})(?:\D.*)?)?\D*")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\D?(\d{2})?(?:\d{2})*")
_NUMBER = re.compile(r"(\d{1,4})(?:\.0+)?(?:[^\d.].*)?")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row without a valid date and time, and the invalid cell."""

    row: int
    source: str
    value: str

    @property
    def note(self) -> str:
        """Why the row was not sent."""
        return choose_particles(texts.UNREADABLE_NOTE.format(name=SOURCE_NAMES[self.source], value=self.value))


@dataclass(frozen=True, slots=True)
class ReadAccidents:
    """The inputs of the readable rows, the index of the row each came from, and the other rows."""

    accidents: Sequence[Accident]
    rows: Sequence[int]
    unreadable: Sequence[Unreadable]

    def join(
        self, table: CsvTable, headers: Sequence[str], results: Sequence[Sequence[str]]
    ) -> Iterator[Sequence[str]]:
        """Yields the header and all rows of the table with their results, whose last cell is an error note.

        `results[i]` belongs to row `rows[i]`; a cancelled batch has fewer results than rows.
        """
        by_row = dict(zip(self.rows, results, strict=False))
        notes = {unreadable.row: unreadable.note for unreadable in self.unreadable}
        empty = [""] * (len(headers) - 1)
        yield [*table.columns, *headers]
        for index, row in enumerate(table.rows):
            yield [*row, *by_row.get(index, [*empty, notes.get(index, "")])]


def find_columns(columns: Sequence[str]) -> dict[str, int]:
    """Returns the columns recognised by name."""
    by_name = {_normalize(name): index for index, name in reversed(list(enumerate(columns)))}
    columns_by_source = {}
    for source in SOURCES:
        names = (SOURCE_NAMES[source], source, *texts.COLUMN_SYNONYMS.get(source, ()))
        index = next((by_name[_normalize(name)] for name in names if _normalize(name) in by_name), None)
        if index is not None:
            columns_by_source[source] = index
    return columns_by_source


def missing_sources(table: CsvTable, columns: Columns) -> list[str]:
    """Returns the sources that still need a column before the rows can be read."""
    missing = [source for source in LABELS if source not in columns]
    known = set(columns)
    if OCCURRED_AT in columns:
        known.update(MOMENT[:3])
        moments = _read_first_moments(table, columns)
        if not moments or any(hour is not None for *_, hour in moments):
            known.add(MOMENT[3])
    parts = [source for source in MOMENT if source not in known]
    return [*([OCCURRED_AT] if len(parts) == len(MOMENT) else parts), *missing]


def read_accidents(table: CsvTable, columns: Columns) -> ReadAccidents:
    """Returns the accidents in the rows. Labels are passed on unchanged: the server validates them.

    Weekday and time period are taken from their columns if there are any, otherwise derived from date and hour.
    """
    accidents, rows, unreadable = [], [], []
    for index, row in enumerate(table.rows):
        read = _read_row(index, row, columns)
        if isinstance(read, Unreadable):
            unreadable.append(read)
        else:
            accidents.append(read)
            rows.append(index)
    return ReadAccidents(accidents, rows, unreadable)


def _read_row(index: int, row: Sequence[str], columns: Columns) -> Accident | Unreadable:
    numbers: dict[str, int | None] = dict.fromkeys(MOMENT)
    if OCCURRED_AT in columns:
        moment = _read_moment(row[columns[OCCURRED_AT]])
        if moment is None:
            return Unreadable(index, OCCURRED_AT, row[columns[OCCURRED_AT]].strip())
        numbers.update(zip(MOMENT, moment, strict=True))
    for source in MOMENT:
        if source in columns:
            numbers[source] = _read_number(row[columns[source]])
        if numbers[source] is None:
            at_fault = source if source in columns else OCCURRED_AT
            return Unreadable(index, at_fault, row[columns[at_fault]].strip())
    year, month, day, hour = (numbers[source] or 0 for source in MOMENT)

    labels = {source: row[column].strip() for source, column in columns.items() if source in (*LABELS, *DERIVED)}
    for source, label in labels.items():
        if len(label) > _LONGEST_LABEL:
            return Unreadable(index, source, label)
    labels["time_period"] = labels.get("time_period") or time_period_of(hour)
    labels["day_of_week"] = labels.get("day_of_week") or _find_weekday(year, month, day)
    return Accident.model_validate(labels | numbers)


def _read_moment(cell: str) -> tuple[int, int, int, int | None] | None:
    """Returns year, month, day and, if given, hour."""
    text = unicodedata.normalize("NFKC", cell).strip()
    match = _SPACED.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(match[part]) for part in (1, 2, 3))
    hour = None if match[4] is None else int(match[4])
    if hour is not None and texts.AFTERNOON in text and hour < 12:
        hour += 12
    elif hour == 12 and texts.MORNING in text:
        hour = 0
    return year, month, day, hour


def _read_number(cell: str) -> int | None:
    """Returns the number at the start of a cell: `7`, `07`, `7월`, `13:30`, `7.0`."""
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", cell).strip())
    return None if match is None else int(match[1])


def _read_first_moments(table: CsvTable, columns: Columns) -> list[tuple[int, int, int, int | None]]:
    moments = (_read_moment(row[columns[OCCURRED_AT]]) for row in table.rows[:100])
    return [moment for moment in moments if moment is not None]


def _find_weekday(year: int, month: int, day: int) -> str:
    try:
        return weekday_of(date(year, month, day))
    except ValueError:
        return ""  # an impossible date: the server refuses this item


def _normalize(name: str) -> str:
    return re.sub(r"[\s_()\[\]]+", "", unicodedata.normalize("NFKC", name)).casefold()
