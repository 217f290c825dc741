"""Small files in the shapes that Korean offices publish come through REST as the tables that people see in them."""

import json
import math
import os
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.real_servers import REPOSITORY

FORMS = Path(os.environ.get("DATA_DIR", REPOSITORY.parent / "shared" / "data")) / "forms"
_METRES_OF_A_DEGREE = 111_320.0
_NEAR_METRES = 400.0

pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not FORMS.is_dir(), reason=f"no forms in {FORMS}: set DATA_DIR"),
]


@cache
def expected() -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((FORMS / "expected.json").read_text())
    return answer


@pytest.mark.parametrize("name", expected() if FORMS.is_dir() else ())
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
        assert kinds[column] in right, column
    for column, cells in wanted.get("cells", {}).items():
        assert [row[column] for row in rows[: len(cells)]] == cells, column
    for column, wrong in wanted.get("cells_not", {}).items():
        assert not [row for row in rows for cell in wrong if str(row[column]).startswith(cell)], column
    if "coordinates" in wanted:
        north, east = (profile["coordinates"][name] for name in ("latitude", "longitude"))
        for row, right in zip(rows, wanted["coordinates"], strict=False):
            assert _metres_between((row[north], row[east]), right) <= _NEAR_METRES
    if "region" in wanted:
        assert profile["district_column"] == wanted["region"]
    if wanted.get("told"):
        assert profile["warnings"]


def _metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    east = (one[1] - other[1]) * math.cos(math.radians(one[0]))
    return math.hypot(one[0] - other[0], east) * _METRES_OF_A_DEGREE
