"""CSV files for Korean Excel."""

import csv
import io
from collections.abc import Iterable, Sequence

from servicekit.spreadsheets import guarded
from streamlit_client import texts


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
