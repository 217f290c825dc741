"""What is drawn of a dataset at first sight follows from what is known of its columns."""

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_explore
from streamlit_client.explore.overview import show_overview
from tests.ui.screen import chart_of, texts_of
from tests.unit.streamlit_client.explore.opened_page import asked, open_part, points_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

QUARTERS = pd.to_datetime(["2024-01-01", "2024-04-01", "2024-10-01"])


def opened(kept: KeptDatasets, **columns: Any) -> tuple[AppTest, str]:
    return open_part(kept, show_overview, pd.DataFrame(columns))


def drawn(at: AppTest, dataset_id: str, name: str) -> list[tuple[Any, Any]]:
    return points_of(at, f"overview.chart.{name}.{dataset_id}")


def test_quarters_are_drawn_as_a_trend_of_their_value_and_as_no_days(kept: KeptDatasets) -> None:
    kept.known = {"기간": {"precision": "quarter"}, "매출": {"unit": "원"}}
    at, dataset_id = opened(kept, 기간=QUARTERS, 매출=[3.0, 4.0, 9.0])
    by_quarter = [("2024년 1분기", 3), ("2024년 2분기", 4), ("2024년 3분기", None), ("2024년 4분기", 9)]
    assert points_of(at, f"trend.chart.{dataset_id}") == by_quarter
    assert [header.value for header in at.header] == ["분기별 매출 (원)"]


def test_kinds_and_times_follow_the_question(kept: KeptDatasets) -> None:
    frame = pd.DataFrame(
        {
            "유형": ["차대차", "차대차", "차대사람", None],
            "날": pd.to_datetime(["2024-01-01 09:00", "2024-01-02 18:30", "2024-02-07 18:00", "2024-02-08 07:00"]),
        }
    )
    at, dataset_id = open_part(kept, show_overview, frame)
    kinds = chart_of(at, f"overview.chart.type.{dataset_id}")[0]
    assert list(zip(kinds["y"], kinds["text"], strict=True)) == [("차대차", "2 (66.7%)"), ("차대사람", "1 (33.3%)")]
    assert dict(drawn(at, dataset_id, "weekday")) == {"월": 1, "화": 1, "수": 1, "목": 1, "금": 0, "토": 0, "일": 0}
    assert texts_explore.PEAK.format(hour=18, count=2, share=50.0, weekday="월") in texts_of(at)

    at, dataset_id = open_part(kept, show_overview, frame, q={"where": [{"column": "유형", "value": "차대사람"}]})
    assert [count for _, count in drawn(at, dataset_id, "month")] == [0, 1] + [0] * 10
    assert {hour for hour, count in drawn(at, dataset_id, "hour") if count} == {"18시"}
    assert not [name for name, _ in kept.asked if name == "query_rows"]  # no rows come to the page


def test_mark_that_is_chosen_by_its_name_becomes_conditions(kept: KeptDatasets) -> None:
    frame = pd.DataFrame({"날": pd.to_datetime(["2024-01-01 09:00", "2024-01-02 18:30"])})
    at, dataset_id = open_part(kept, show_overview, frame)
    at.session_state[f"overview.chart.heat.{dataset_id}.values"] = True
    choice = at.run().selectbox(key=f"overview.chart.heat.{dataset_id}.pick")
    choice.select_index(24 + 18).run()
    assert asked(at)["where"] == [{"column": "날:요일", "value": "화요일"}, {"column": "날:시", "value": 18}]


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
