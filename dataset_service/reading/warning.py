"""Warnings about a file: repairs made while reading it, and facts worth knowing."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class DatasetWarning(NamedTuple):
    """One warning; every field but the reason may be empty. `line` counts from 1, 0 means none.

    The sentence of the reason, in servicekit/korean_text/dataset_warnings.py, says what `given` and `used` are.
    `lines` are the first lines that it is about, `undo` the part of a reading that takes the repair back.
    """

    reason: str
    line: int = 0
    column: str = ""
    given: str = ""
    used: str = ""
    lines: tuple[int, ...] = ()
    undo: Mapping[str, Any] = {}


MOST_LINES = 20
MOST_UNDONE = 1_000
"""Undoing that would name more lines is not offered: it is stored and sent with the warning."""


def warning_from_document(fields: Sequence[Any]) -> DatasetWarning:
    """Reads a warning from the list of its fields; earlier versions stored fewer."""
    warning = DatasetWarning(*fields)
    return warning._replace(lines=tuple(warning.lines))


def about_lines(
    reason: str, lines: list[int], *, undo: Mapping[str, Any] | None = None, **facts: str
) -> DatasetWarning:
    """Returns a warning about lines of the file, of which the first 20 are named; `given` is their number."""
    named = tuple(lines[:MOST_LINES])
    facts.setdefault("given", str(len(lines)))
    return DatasetWarning(reason, line=named[0] if named else 0, lines=named, undo=undo or {}, **facts)
