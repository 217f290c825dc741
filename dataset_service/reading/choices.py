"""Refuses choices of a reading that cannot be, by the name of the part."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dataset_service.errors import CsvRefused
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.places.systems import DEGREES, NONE, SYSTEMS
from dataset_service.reading.reading import Reading
from dataset_service.reading.regions.header import MOST_HEADER_ROWS
from servicekit.errors import FieldViolation

LONGEST_UNIT = 20
_MOST_LEFT_OUT, _MOST_FILLED, _LAST_LINE = 5_000, 100, 100_000_000
_ALLOWED: Mapping[str, Callable[[Any], bool]] = {
    "encoding": lambda name: 0 < len(name) <= 40,
    "delimiter": lambda text: bool(re.fullmatch("\n|[^\\x00\r\n\"'\\\\]{1,10}", text)),
    "quote": lambda mark: mark in ("", '"', "'"),
    "escape": lambda mark: mark in ("", "\\"),
    "start_line": lambda line: 1 <= line <= _LAST_LINE,
    "header_rows": lambda rows: 0 <= rows <= MOST_HEADER_ROWS,
    "unit_rows": lambda rows: 0 <= rows <= 1,
    "end_line": lambda line: 0 <= line <= _LAST_LINE,
    "left_out": lambda lines: len(lines) <= _MOST_LEFT_OUT and all(1 <= line <= _LAST_LINE for line in lines),
    "filled": lambda names: len(names) <= _MOST_FILLED,
    "crs": lambda crs: crs in (NONE, DEGREES, *SYSTEMS),
    "is_long": lambda is_long: isinstance(is_long, bool),
}
_ALLOWED_OF_COLUMNS: Mapping[str, Callable[[Any], bool]] = {
    "kind": lambda kind: kind in set(ColumnKind),
    "meaning": lambda meaning: meaning in set(Meaning),
    "unit": lambda unit: 0 < len(unit) <= LONGEST_UNIT and unit.isprintable(),
}


def refuse_impossible(changes: Mapping[str, Any]) -> None:
    """Refuses values that no file allows. Raises `REQUEST_INVALID` with the parts."""
    columns = changes.get("columns") or {}
    found = [
        *_impossible(changes, {**_ALLOWED, "columns": lambda _: True}, ""),
        *(
            part
            for name, parts in columns.items()
            for part in _impossible(parts or {}, _ALLOWED_OF_COLUMNS, f"columns.{name}.")
        ),
    ]
    _refuse("VALUE_INVALID", "no value of this part", found)


def refuse_lines_beyond(wanted: Reading, lines: int) -> None:
    """Refuses chosen lines that a file of so many lines does not have. Raises `REQUEST_INVALID` with the parts."""
    start, left_out = wanted.start_line or 1, wanted.left_out or ()
    end = wanted.end_line or max(start, lines)
    parts = {
        "start_line": start > lines,
        "end_line": not start <= end <= max(start, lines),
        "left_out": max(left_out, default=0) > lines,
    }
    _refuse("LINE_UNKNOWN", f"the file has {lines} lines", [part for part, is_beyond in parts.items() if is_beyond])


def refuse_unknown_columns(changes: Mapping[str, Any], names: Collection[str]) -> None:
    """Refuses changes of columns that the table does not have. Raises `REQUEST_INVALID` with the parts."""
    unknown = ["filled" for name in changes.get("filled") or () if name not in names][:1]
    unknown += [
        f"columns.{name}" for name, parts in (changes.get("columns") or {}).items() if parts and name not in names
    ]
    _refuse("COLUMN_UNKNOWN", "the table has no such column", unknown)


def _impossible(parts: Mapping[str, Any], allowed: Mapping[str, Callable[[Any], bool]], prefix: str) -> list[str]:
    return [
        prefix + name
        for name, value in parts.items()
        if name not in allowed or (value is not None and not allowed[name](value))
    ]


def _refuse(reason: str, description: str, parts: list[str]) -> None:
    if parts:
        violations = tuple(FieldViolation(part[:200], reason, description) for part in parts[:20])
        raise CsvRefused("REQUEST_INVALID", f"{', '.join(parts)[:200]}: {description}.", violations=violations)
