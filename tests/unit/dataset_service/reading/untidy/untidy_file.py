"""An untidy file, the table that a careful reader finds in it, and the comparison of the two."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ANY = "*"
"""A cell or a name that is not judged."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


@dataclass(frozen=True)
class UntidyFile:
    """A file and its table: one text a row, cells separated by `|`, missing cells blank.

    Cells that are all numbers must have been read as numbers, unless their column is among `texts`. `told`: whether
    there must be a warning; None if both are right.
    """

    name: str
    content: bytes
    columns: str
    rows: Sequence[str]
    told: bool | None
    texts: str


def untidy(
    name: str,
    content: str | bytes,
    columns: str,
    *rows: str,
    encoding: str = "utf-8",
    told: bool | None = True,
    texts: str = "",
) -> UntidyFile:
    """Returns the file; a text begins after the line break that follows its opening quotes."""
    if isinstance(content, str):
        content = content.removeprefix("\n").encode(encoding)
    return UntidyFile(name, content, columns, rows, told, texts)


def differences(
    file: UntidyFile, columns: Sequence[str], cells: Sequence[Sequence[Any]], warnings: Sequence[str]
) -> list[str]:
    """Returns what differs between a reading (names, the cells of each column, reasons of warnings) and the file."""
    wanted_names = file.columns.split("|")
    wanted = [row.split("|") for row in file.rows]
    assert all(len(row) == len(wanted_names) for row in wanted), f"{file.name}: uneven expectation"
    found = []
    if len(columns) != len(wanted_names) or any(w not in (ANY, c) for w, c in zip(wanted_names, columns, strict=True)):
        found.append(f"columns {'|'.join(columns)}, not {file.columns}")
    rows = len(cells[0]) if cells else 0
    if rows != len(wanted):
        got = ["|".join("" if cell is None else str(cell) for cell in row) for row in zip(*cells, strict=True)]
        found.append(f"{rows} rows, not {len(wanted)}: {got[:6]}")
    elif len(columns) == len(wanted_names):
        for index, name in enumerate(columns):
            column = [row[index] for row in wanted]
            are_numbers = name not in file.texts.split("|") and all(
                cell in ("", ANY) or _NUMBER.fullmatch(cell) for cell in column
            )
            wrong = [
                f"{_written(got)!r} not {cell!r}"
                for got, cell in zip(cells[index], column, strict=True)
                if not _agree(got, cell, are_numbers=are_numbers)
            ]
            if wrong:
                found.append(f"{name}: {', '.join(wrong[:4])}")
    if file.told is not None and bool(warnings) != file.told:
        found.append("nothing told" if file.told else f"told {', '.join(warnings)}")
    return found


def _agree(got: Any, wanted: str, *, are_numbers: bool) -> bool:
    if wanted == ANY:
        return True
    if wanted == "" or got is None:
        return (wanted == "") == (got is None)
    if isinstance(got, int | float) and not isinstance(got, bool):
        return bool(_NUMBER.fullmatch(wanted)) and float(wanted) == got
    return not are_numbers and _written(got) == wanted


def _written(got: Any) -> str:
    if isinstance(got, datetime):
        return got.isoformat(" ").removesuffix(" 00:00:00").removesuffix(":00")
    return "None" if got is None else str(got)
