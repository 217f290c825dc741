"""The Korean names of the parts of a reading, and of their values."""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from servicekit.korean_text.column_meanings import MEANINGS
from streamlit_client import texts_datasets, texts_reading

MOST_LINES = 20_000
_COLUMNS = "columns."
_WORDS: Mapping[str, Mapping[Any, str]] = {
    **texts_reading.WORDS,
    "encoding": texts_datasets.ENCODINGS,
    "kind": texts_datasets.TYPES,
    "meaning": MEANINGS,
}


def part_name(field: str) -> str:
    """Returns the name of a part, `header_rows` or `columns.NAME.kind`. Raises LookupError for an unknown one."""
    if not field.startswith(_COLUMNS):
        return texts_reading.PARTS[field]
    column, _, part = field.removeprefix(_COLUMNS).rpartition(".")
    if part not in texts_reading.COLUMN_PARTS:
        return field.removeprefix(_COLUMNS)
    return texts_reading.COLUMN_PART.format(column=column, part=texts_reading.COLUMN_PARTS[part])


def value_text(part: str, value: object) -> str:
    """Returns a value of a part: `쉼표 ,`, `12, 25~27`."""
    if part == "left_out":
        value = lines_text(value)  # type: ignore[arg-type]
    elif part == "filled":
        value = ", ".join(value)  # type: ignore[arg-type]
    return _WORDS.get(part, {}).get(value, str(value) or texts_reading.NOTHING)


def lines_text(lines: Iterable[int]) -> str:
    """Returns numbers of lines as people write them: `12, 25~27`."""
    runs = [[line for _, line in run] for _, run in groupby(enumerate(sorted(lines)), lambda item: item[1] - item[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}~{run[-1]}" for run in runs)


def read_lines(text: str) -> list[int] | None:
    """Returns the lines that a person wrote, in order, or None if the text is no list of lines."""
    lines: set[int] = set()
    for part in filter(None, re.split(r"[,\s]+", re.sub(r"\s*[~-]\s*", "~", text.strip()))):
        span = re.fullmatch(r"([1-9]\d{0,7})(?:~([1-9]\d{0,7}))?", part, re.ASCII)
        if span is None:
            return None
        first, last = int(span[1]), int(span[2] or span[1])
        if last < first or last - first >= MOST_LINES:
            return None
        lines.update(range(first, last + 1))
    return sorted(lines) if len(lines) <= MOST_LINES else None
