"""Reads the rows of a dataset as accidents. Each distinct value of a column is read once."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
from daegu.prediction.v1 import accident_pb2, batch_pb2

from servicekit.prediction_inputs import MOMENT, OCCURRED_AT

MORNING, AFTERNOON = "오전", "오후"
# The prediction service refuses texts this long, and keeps no more of them.
_MOST_TEXT = 201
_INT32 = 2**31
# `2022-01-01 01`, `2022-01-01T13:00`, `2022/1/1 13:30:00`, also with Korean units or without the hour
_SPACED = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})(?!\d)(?:[^\d]{1,6}(\d{1,2})(?:\D.*)?)?\D*")
_QUARTER = re.compile(r"\d{4}[^/]{1,3}[1-4]/4\D*")  # `2024.2/4` is no day
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\D?(\d{2})?(?:\d{2})*")
_NUMBER = re.compile(r"(\d{1,4})(?:\.0+)?(?:[^\d.].*)?")
_ATTRIBUTES = dict(zip(MOMENT, ("year", "month", "day", "hour"), strict=True))
# How many parts of the moment are known of dates of a precision: `2024-05` says no day.
_KNOWN = {b"year": 1, b"quarter": 1, b"month": 2}
_NO_MOMENT = (None, None, None, None)


class Unreadable(NamedTuple):
    """A row that is no accident: the inputs at fault, each with a stable reason."""

    problems: Sequence[tuple[str, str]]


Row = accident_pb2.Accident | Unreadable


def read_accidents(table: pa.Table, columns: Sequence[batch_pb2.InputColumn]) -> list[Row]:
    """Returns an accident for each row, or what is wrong with it.

    A part of the moment in a column of its own counts more than in OCCURRED_AT. Weekday and time period are empty where
    they have no column. Labels are passed on as they are: the prediction service reads them.
    """
    cells = {column.input: _read_column(table, column) for column in columns}
    wholes = cells.pop(OCCURRED_AT, [_NO_MOMENT] * table.num_rows)
    parts = [cells.pop(name, [None] * table.num_rows) for name in MOMENT]
    names = list(cells)
    rows: list[Row] = []
    texts = zip(*cells.values(), strict=True) if cells else [()] * table.num_rows
    for whole, *own, labels in zip(wholes, *parts, texts, strict=True):
        values, problems = _join_moment(whole, own)
        if problems:
            rows.append(Unreadable(problems))
        else:
            rows.append(accident_pb2.Accident(**values, **dict(zip(names, labels, strict=True))))
    return rows


def to_request(batch_id: str, offset: int, rows: Sequence[Row]) -> batch_pb2.PredictRowsRequest:
    """Returns the request to predict the rows, the first of which is row `offset` of the dataset."""
    malformed = [
        batch_pb2.MalformedItem(
            index=index,
            problems=[
                accident_pb2.FieldProblem(field=field, reason=reason, message=f"{field} cannot be read.")
                for field, reason in row.problems
            ],
        )
        for index, row in enumerate(rows)
        if isinstance(row, Unreadable)
    ]
    accidents = [row for row in rows if not isinstance(row, Unreadable)]
    return batch_pb2.PredictRowsRequest(
        batch_id=batch_id, offset=offset, accidents=accidents, malformed_items=malformed
    )


def _join_moment(whole: Any, own: Sequence[Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Returns year, month, day and hour, and what is wrong with them: a text in the place of a value is a reason."""
    values, problems = {}, []
    for index, name in enumerate(MOMENT):
        source, value = name, own[index]
        if value is None:
            source, value = (OCCURRED_AT, whole) if isinstance(whole, str) else (name, whole[index])
        if value is None or isinstance(value, str):
            problems.append((source, value or "MISSING"))
        values[name] = value
    return values, list(dict.fromkeys(problems))


def _read_column(table: pa.Table, column: batch_pb2.InputColumn) -> list[Any]:
    """Returns what each cell says of the input, or why it says nothing."""
    metadata = table.field(column.column).metadata or {}
    read, missing = _reader(column, _KNOWN.get(metadata.get(b"precision", b""), len(MOMENT)))
    cells = table.column(column.column).combine_chunks()
    if not pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    values = [read(value) for value in cells.dictionary.to_pylist()]
    return [missing if code is None else values[code] for code in cells.indices.to_pylist()]


def _reader(column: batch_pb2.InputColumn, known: int) -> tuple[Callable[[Any], Any], str]:
    """Returns the function that reads a cell, and what a missing cell says."""
    if column.input == OCCURRED_AT:
        known = min(known, len(MOMENT) - column.is_date_only)
        return partial(_read_moment, known=known), "MISSING"
    if column.input in MOMENT:
        is_known = MOMENT.index(column.input) < known
        return partial(_read_number, attribute=_ATTRIBUTES[column.input] if is_known else ""), "MISSING"
    return _read_label, ""


def _read_moment(value: Any, *, known: int) -> tuple[int | None, ...] | str:
    """Returns year, month, day and hour, None for what is not given; of a date only the `known` ones are."""
    if isinstance(value, datetime):
        parts = (value.year, value.month, value.day, value.hour)
        return (*parts[:known], *_NO_MOMENT[known:])
    text = unicodedata.normalize("NFKC", str(value)).strip()
    match = _SPACED.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None or _QUARTER.fullmatch(text):
        return "DATE_EXPECTED"
    year, month, day = (int(match[part]) for part in (1, 2, 3))
    hour = None if match[4] is None else int(match[4])
    if hour is not None and AFTERNOON in text and hour < 12:
        hour += 12
    elif hour == 12 and MORNING in text:
        hour = 0
    return year, month, day, hour


def _read_number(value: Any, *, attribute: str) -> int | str:
    """Returns the number at the start of a cell: `7`, `07`, `7월`, `13:30`, `7.0`; or that part of a date."""
    if isinstance(value, datetime):
        return int(getattr(value, attribute)) if attribute else "NUMBER_EXPECTED"
    if type(value) is int:
        return max(-_INT32, min(value, _INT32 - 1))
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
    return "NUMBER_EXPECTED" if match is None else int(match[1])


def _read_label(value: Any) -> str:
    return str(value).strip()[:_MOST_TEXT]
