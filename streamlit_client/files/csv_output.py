"""CSV files for Korean Excel: the template, and the user's rows with results."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from servicekit.spreadsheets import guarded
from streamlit_client import texts
from streamlit_client.files.csv_file import CsvTable


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Returns the rows in UTF-8 with BOM. Cells that would run as formulas get an apostrophe, which upload removes."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def guarded_csv(content: bytes) -> bytes:
    """Returns a CSV file with its formulas guarded."""
    return write_csv(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def template_csv() -> bytes:
    """Returns a file with the expected columns and two examples."""
    return write_csv(texts.TEMPLATE_ROWS)


def joined_csv(
    table: CsvTable, rows: Sequence[int], unreadable: Mapping[int, str], headers: Sequence[str],
    results: Sequence[Sequence[str]],
) -> bytes:  # fmt: skip
    """Returns all rows of the table with the results added.

    `results[i]` (cells under `headers`, an error note last) belongs to row `rows[i]`; `unreadable` has the notes of
    rows that were not sent.
    """
    by_row = dict(zip(rows, results, strict=False))  # a cancelled batch has fewer results than rows
    empty = [""] * (len(headers) - 1)
    lines = ([*row, *by_row.get(index, [*empty, unreadable.get(index, "")])] for index, row in enumerate(table.rows))
    return write_csv([[*table.columns, *headers], *lines])
