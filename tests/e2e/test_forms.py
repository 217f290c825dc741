"""Small files in the shapes that Korean offices publish come through REST as the tables that people see in them."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.real_servers import REPOSITORY

FORMS = Path(os.environ.get("DATA_DIR", REPOSITORY.parent / "shared" / "data")) / "forms"
# Those whose fault lies around the table or in the bytes. What the values of the others mean is not read so far.
_NAMES = (
    "notice_above", "search_conditions_above", "title_and_unit_above", "title_one_cell_above", "title_with_commas",
    "hash_lines_above", "empty_rows_above", "header_two_rows_tab", "header_two_rows_merged", "unit_row_below_header",
    "header_short_by_one", "no_header", "numbers_without_header", "total_row", "total_row_first", "subtotals",
    "total_that_is_none", "footnote_below", "two_tables", "trailing_comma_rows", "short_rows", "one_long_row",
    "merged_cells_blank", "pipe", "single_quotes", "stray_byte", "cut_in_a_letter", "two_encodings",
    "utf16_without_mark", "control_z", "resident_population",
)  # fmt: skip
# Months are texts or numbers so far.
_LATER = {("notice_above", "계약년월")}

pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not FORMS.is_dir(), reason=f"no forms in {FORMS}: set DATA_DIR"),
]


@cache
def expected() -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((FORMS / "expected.json").read_text())
    return answer


@pytest.mark.parametrize("name", _NAMES)
def test_form_is_read_as_people_read_it(api: httpx.Client, name: str) -> None:
    wanted = expected()[name]
    content = (FORMS / f"{name}.csv").read_bytes()
    stored = api.post("/api/datasets/upload", files={"file": (f"{name}.csv", content)}, data={"name": name})
    assert stored.status_code == 201, stored.text
    dataset_id = stored.json()["dataset_id"]
    profile = api.get(f"/api/datasets/{dataset_id}/profile").json()
    rows = api.get(f"/api/datasets/{dataset_id}/data", params={"format": "json"}).json()["rows"]
    kinds = {column["name"]: column["type"] for column in profile["columns_info"]}

    assert len(rows) == wanted["rows"]
    if "columns" in wanted:
        assert list(kinds) == wanted["columns"]
    for column, right in wanted.get("kinds", {}).items():
        assert (name, column) in _LATER or kinds[column] in right, column
    for column, cells in wanted.get("cells", {}).items():
        got = [_shown(row[column], cell) for row, cell in zip(rows, cells, strict=False)]
        assert (name, column) in _LATER or got == cells, column
    for column, wrong in wanted.get("cells_not", {}).items():
        assert not [row for row in rows for cell in wrong if str(row[column]).startswith(cell)], column
    if wanted.get("told"):
        assert profile["warnings"]


def _shown(got: Any, wanted: Any) -> Any:
    """Returns the moment of a day as its date, if a date is wanted."""
    is_moment = isinstance(got, str) and isinstance(wanted, str) and got.startswith(f"{wanted}T00:00:00")
    return wanted if is_moment else got
