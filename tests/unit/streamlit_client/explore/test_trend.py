"""A value by periods: gaps stay gaps, all Januaries are no month, and changes are said in numbers."""

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_explore
from streamlit_client.charts.time_charts import moving_mean, shifted
from streamlit_client.explore.trend import show_trend
from tests.ui.screen import chart_of, metrics_of, texts_of
from tests.unit.streamlit_client.explore.opened_page import asked, open_part, points_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

DAYS = ["2023-01-05", "2023-01-06", "2023-11-30", "2024-01-01", "2024-01-02", "2024-01-03", "2024-02-20"]
FRAME = pd.DataFrame(
    {"날": pd.to_datetime(DAYS), "유형": ["가", "나", "가", "가", "가", "나", "나"], "값": [1.0, 3, None, 5, 6, 7, 8]}
)


def opened(kept: KeptDatasets, question: Any = None, **address: Any) -> tuple[AppTest, str]:
    return open_part(kept, show_trend, FRAME, **({"q": question} if question else {}), **address)


def drawn(at: AppTest, dataset_id: str) -> list[tuple[Any, Any]]:
    return points_of(at, f"trend.chart.{dataset_id}")


def test_month_without_rows_counts_nothing_and_has_no_mean(kept: KeptDatasets) -> None:
    at, dataset_id = opened(kept)
    counts = dict(drawn(at, dataset_id))
    assert len(counts) == 14
    assert [counts[month] for month in ("2023년 1월", "2023년 2월", "2023년 11월", "2024년 2월")] == [2, 0, 1, 1]

    at, dataset_id = opened(kept, {"measures": [{"measure": "mean", "column": "값"}]})
    means = dict(drawn(at, dataset_id))
    assert [means[month] for month in ("2023년 1월", "2023년 2월", "2023년 11월", "2024년 1월")] == [2, None, None, 6]


def test_months_reach_to_the_ends_of_the_dates_however_few_rows_the_other_conditions_leave(kept: KeptDatasets) -> None:
    at, dataset_id = opened(kept, {"where": [{"column": "유형", "value": "가"}]})
    months = drawn(at, dataset_id)
    assert (months[0], months[-1]) == (("2023년 1월", 1), ("2024년 2월", 0))

    on_dates = [
        {"column": "유형", "value": "가"},
        {"column": "날", "operator": "between", "value": ["2023-02", "2024-01"]},
    ]
    at, dataset_id = opened(kept, {"where": on_dates})
    assert [months for months in drawn(at, dataset_id) if months[1]] == [("2023년 11월", 1), ("2024년 1월", 2)]


def test_change_is_told_against_the_period_before_and_a_year_before(kept: KeptDatasets) -> None:
    at, dataset_id = opened(kept, {"where": [{"column": "날", "operator": "<=", "value": "2024-01"}]})
    assert metrics_of(at) == {"최근: 2024년 1월": "3", "바로 앞 (2023년 12월)": "0", "1년 전 (2023년 1월)": "2"}
    assert [metric.delta for metric in at.metric] == ["", "+3", "+1 (+50.0%)"]
    before, _ = chart_of(at, f"trend.chart.{dataset_id}")
    assert before["name"] == texts_explore.YEAR_BEFORE.format(period="월")
    assert (before["y"][:12], before["y"][12]) == ([None] * 12, 2)


def test_period_that_the_data_end_within_is_told(kept: KeptDatasets) -> None:
    told = texts_explore.PERIOD_UNFINISHED.format(day="2024-02-20", period="월")
    assert told in texts_of(opened(kept)[0])
    whole = FRAME.assign(날=pd.to_datetime([*DAYS[:-1], "2024-02-29"]))
    assert "2024-02-29" not in texts_of(open_part(kept, show_trend, whole)[0])


@pytest.mark.parametrize(
    ("period", "marks"),
    [
        ("연분기", [("2023년 1분기", 2), ("2023년 2분기", 0), ("2023년 3분기", 0), ("2023년 4분기", 1),
                    ("2024년 1분기", 4)]),
        ("연도", [("2023년", 3), ("2024년", 4)]),
        ("요일", [("월요일", 1), ("화요일", 2), ("수요일", 1), ("목요일", 2), ("금요일", 1)]),
    ],
)  # fmt: skip
def test_period_is_chosen_in_the_address(kept: KeptDatasets, period: str, marks: list[Any]) -> None:
    at, dataset_id = opened(kept, period=period)
    assert drawn(at, dataset_id) == marks
    said = texts_explore.ALL_YEARS.partition("{")[0] in texts_of(at)
    assert said == (period == "요일")


def test_measure_that_is_chosen_is_part_of_the_question(kept: KeptDatasets) -> None:
    at, dataset_id = opened(kept)
    at.selectbox(key=f"trend.{dataset_id}.measure").set_value("sum").run()
    assert asked(at)["measures"] == [{"measure": "sum", "column": "값"}]
    assert dict(drawn(at, dataset_id))["2024년 1월"] == 18
    at.selectbox(key=f"trend.{dataset_id}.measure").set_value("rate").run()
    assert dict(drawn(at, dataset_id))["2024년 1월"] == 600  # 18 for 3 rows, times 100
    at.selectbox(key=f"trend.{dataset_id}.measure").set_value("count").run()
    assert "q" not in at.query_params


def test_moving_mean_needs_all_of_its_periods() -> None:
    assert moving_mean([1, 2, 6, None, 4, 5, 6], 3) == [None, None, 3, None, None, None, 5]
    assert shifted([1, 2, 3], 2) == [None, None, 1]
    assert shifted([1], 12) == [None]


def test_dataset_without_dates_says_that_it_has_no_trend(kept: KeptDatasets) -> None:
    at, _ = open_part(kept, show_trend, pd.DataFrame({"값": [1]}))
    assert texts_explore.NO_TREND in texts_of(at)
