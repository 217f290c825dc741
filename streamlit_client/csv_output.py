"""CSV files for Korean Excel: the template, and a person's own rows with the results beside them."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from streamlit_client import texts
from streamlit_client.csv_file import CsvTable

# What spreadsheet programs take for a formula when a cell begins with it; also servicekit/spreadsheets.py.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SIGNED_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Returns the rows in UTF-8 with BOM. A cell that would run as a formula gets a leading apostrophe."""
    return write_raw_csv([_harmless(cell) for cell in row] for row in rows)


def write_raw_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Returns the rows in UTF-8 with BOM as they are: for our own reader, which runs nothing."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def template_csv() -> bytes:
    """Returns a file with the expected columns and two examples."""
    return write_csv(texts.TEMPLATE_ROWS)


def joined_csv(
    table: CsvTable, rows: Sequence[int], unreadable: Mapping[int, str], headers: Sequence[str],
    results: Sequence[Sequence[str]],
) -> bytes:  # fmt: skip
    """Returns all rows of the table with the results beside them.

    `results[i]` (cells under `headers`, an error note last) belongs to row `rows[i]`; `unreadable` holds the note of
    the rows that were not sent.
    """
    by_row = dict(zip(rows, results, strict=False))  # a cancelled batch has fewer results than rows
    empty = [""] * (len(headers) - 1)
    lines = ([*row, *by_row.get(index, [*empty, unreadable.get(index, "")])] for index, row in enumerate(table.rows))
    return write_csv([[*table.columns, *headers], *lines])


def _harmless(cell: str) -> str:
    is_formula = cell.startswith(_FORMULA_STARTS) and _SIGNED_NUMBER.fullmatch(cell) is None
    return f"'{cell}" if is_formula else cell
