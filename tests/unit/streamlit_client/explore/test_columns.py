"""Which charts of a column are offered follows from what it means."""

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_explore
from tests.patience import PATIENCE_SECONDS
from tests.ui.screen import chart_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

KNOWN: dict[str, dict[str, Any]] = {
    "연번": {"type": "integer", "meaning": "serial"},
    "코드": {"type": "text", "meaning": "code"},
    "연도": {"type": "integer", "meaning": "year"},
    "시각": {"type": "time"},
    "위도(계산)": {"type": "number", "meaning": "latitude"},
    "금액": {"type": "integer", "meaning": "money", "unit": "원"},
    "나이": {"type": "integer", "meaning": "age", "unit": "세"},
}
FRAME = pd.DataFrame(
    {
        "연번": [1, 2, 3],
        "코드": ["27260", "27260", "27110"],
        "연도": [2021, 2021, 2023],
        "시각": ["09:05", "09:10", "23:00"],
        "위도(계산)": [35.8, 35.9, 36.0],
        "금액": [1_000, 2_000, 9_000],
        "나이": [24, 29, 71],
    }
)


def page(dataset_id: str) -> None:
    from streamlit_client import state
    from streamlit_client.explore.columns import show_columns

    show_columns(state.datasets().get_profile(dataset_id))


@pytest.fixture
def dataset_id(kept: KeptDatasets) -> str:
    kept.known = KNOWN
    return kept.add(FRAME)


@pytest.fixture
def at(dataset_id: str) -> AppTest:
    return AppTest.from_function(page, args=(dataset_id,), default_timeout=PATIENCE_SECONDS).run()


def choose(at: AppTest, dataset_id: str, kind: str) -> None:
    (kinds,) = at.segmented_control
    kinds.set_value(kind).run()
    assert not at.exception


def test_only_amounts_and_last_of_all_positions_have_a_histogram_and_a_mean(at: AppTest, dataset_id: str) -> None:
    assert at.selectbox(key=f"columns.one.{texts_explore.HISTOGRAM}.{dataset_id}").options == [
        "금액",
        "나이",
        "위도(계산)",
    ]
    (summary,) = at.dataframe
    assert summary.value[texts_explore.COLUMN].tolist() == ["금액 (원)", "나이 (세)", "위도(계산)"]


@pytest.mark.parametrize(
    ("column", "place", "count"),
    [("연도", "2021년", 2), ("시각", "9시", 2), ("연도", "2022년", 0), ("시각", "10시", 0)],
)
def test_parts_of_dates_and_times_have_bars_in_their_order(
    at: AppTest, dataset_id: str, column: str, place: str, count: int
) -> None:
    choose(at, dataset_id, texts_explore.BARS)
    one = at.selectbox(key=f"columns.one.{texts_explore.BARS}.{dataset_id}")
    assert one.options == ["코드", "연도", "시각"]
    one.set_value(column).run()
    (trace,) = chart_of(at, f"columns.chart.{dataset_id}")
    assert dict(zip(trace["x"], trace["y"], strict=True))[place] == count


def test_boxes_of_years_stand_in_their_order(at: AppTest, dataset_id: str) -> None:
    choose(at, dataset_id, texts_explore.BOX)
    at.selectbox(key=f"columns.group.{dataset_id}").set_value("연도").run()
    assert [trace["name"] for trace in chart_of(at, f"columns.chart.{dataset_id}")] == ["2021년", "2023년"]
