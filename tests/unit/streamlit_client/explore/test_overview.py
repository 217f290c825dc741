"""What is drawn of a dataset at first sight follows from what is known of its columns."""

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_explore
from tests.patience import PATIENCE_SECONDS
from tests.ui.screen import chart_of, texts_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

QUARTERS = pd.to_datetime(["2024-01-01", "2024-04-01", "2024-10-01"])


def page(dataset_id: str) -> None:
    from streamlit_client import state
    from streamlit_client.explore.overview import show_overview

    show_overview(state.datasets().get_profile(dataset_id))


def opened(kept: KeptDatasets, **columns: Any) -> tuple[AppTest, str]:
    dataset_id = kept.add(pd.DataFrame(columns))
    at = AppTest.from_function(page, args=(dataset_id,), default_timeout=PATIENCE_SECONDS).run()
    assert not at.exception
    return at, dataset_id


def drawn(at: AppTest, dataset_id: str, name: str) -> list[tuple[Any, Any]]:
    (trace,) = chart_of(at, f"overview.chart.{name}.{dataset_id}")
    return list(zip(trace["x"], trace["y"], strict=True))


def test_quarters_are_drawn_as_a_trend_of_their_value_and_as_no_days(kept: KeptDatasets) -> None:
    kept.known = {"기간": {"precision": "quarter"}, "매출": {"unit": "원"}}
    at, dataset_id = opened(kept, 기간=QUARTERS, 매출=[3.0, 4.0, 9.0])
    by_quarter = [("2024년 1분기", 3), ("2024년 2분기", 4), ("2024년 3분기", None), ("2024년 4분기", 9)]
    assert drawn(at, dataset_id, "trend") == by_quarter
    assert [header.value for header in at.header] == [texts_explore.BY_PERIOD["quarter"]]

    at.selectbox(key=f"overview.value.{dataset_id}.기간").select_index(1).run()
    assert [count for _, count in drawn(at, dataset_id, "trend")] == [1, 1, 0, 1]


def test_several_rows_of_a_period_are_counted_and_their_mean_is_called_one(kept: KeptDatasets) -> None:
    kept.known = {"기간": {"precision": "quarter"}}
    at, dataset_id = opened(kept, 기간=[*QUARTERS, QUARTERS[0]], 값=[3.0, 4.0, None, 5.0])
    assert [count for _, count in drawn(at, dataset_id, "trend")] == [2, 1, 0, 1]
    at.selectbox(key=f"overview.value.{dataset_id}.기간").set_value("값").run()
    assert drawn(at, dataset_id, "trend") == [
        ("2024년 1분기", 4), ("2024년 2분기", 4), ("2024년 3분기", None), ("2024년 4분기", None),
    ]  # fmt: skip
    assert texts_explore.RESTS_ON_MISSING.format(used=3, missing=1) in texts_of(at)
    assert "값 평균" in at.get("plotly_chart")[0].proto.spec


@pytest.mark.parametrize(
    ("known", "clock"),
    [({"type": "time"}, ["09:05", "09:59", "23:10"]), ({"type": "integer", "meaning": "hour"}, [9, 9, 23])],
)
def test_days_have_the_hours_of_the_column_beside_them(
    kept: KeptDatasets, known: dict[str, Any], clock: list[Any]
) -> None:
    kept.known = {"시각": known}
    at, dataset_id = opened(kept, 일자=pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-02"]), 시각=clock)
    hours = dict(drawn(at, dataset_id, "hour"))
    assert (hours["9시"], hours["23시"], sum(hours.values())) == (2, 1, 3)
    assert texts_explore.HEATMAP in [header.value for header in at.header]
    assert texts_explore.HOURS_OF.format(name="시각") in texts_of(at)

    at, dataset_id = opened(kept, 시각=clock)
    hours = dict(drawn(at, dataset_id, "hour"))
    assert (hours["9시"], hours["0시"], hours["23시"]) == (2, 0, 1)


def test_phone_numbers_and_addresses_are_no_kinds_of_rows(kept: KeptDatasets) -> None:
    kept.known = {"전화": {"meaning": "phone"}, "주소": {"meaning": "address"}, "코드": {"meaning": "code"}}
    at, dataset_id = opened(kept, 전화=["1", "2", "1"], 주소=["가", "나", "가"], 코드=["a", "b", "a"])
    assert at.selectbox(key=f"overview.type.{dataset_id}").options == ["코드"]
