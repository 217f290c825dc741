"""The table of the columns of a dataset."""

from typing import Any

import pandas as pd
import pytest

from streamlit_client import texts_datasets
from streamlit_client.backend.contract_datasets import Column
from streamlit_client.datasets.quality import column_table
from tests.unit.streamlit_client.samples import column


def shown(*columns: Column) -> pd.DataFrame:
    return column_table(columns, rows=10)


@pytest.mark.parametrize(
    ("known", "type_", "meaning", "unit"),
    [
        ({"type": "date", "precision": "quarter"}, "날짜 (분기)", "", ""),
        ({"type": "time"}, "시각", "", ""),
        ({"type": "number", "meaning": "money", "unit": "만원"}, "숫자", "금액", "만원"),
        (
            {"type": "number", "meaning": "latitude", "derived_from": "X, Y"},
            "숫자",
            "위도 · 계산한 열 (X, Y)",
            "",
        ),
    ],
)
def test_column_is_told_with_its_precision_meaning_unit_and_origin(
    known: dict[str, Any], type_: str, meaning: str, unit: str
) -> None:
    table = shown(column("가", **known), column("나", meaning="age", unit="세"))
    (row, _) = table[[texts_datasets.TYPE, texts_datasets.MEANING, texts_datasets.UNIT]].to_numpy().tolist()
    assert row == [type_, meaning, unit]


def test_table_has_no_column_that_is_empty_throughout() -> None:
    assert {texts_datasets.MEANING, texts_datasets.UNIT} & {*shown(column("가", type="text"))} == set()
    assert texts_datasets.UNIT not in shown(column("가", meaning="code"))
