"""Which charts are offered follows from what columns mean; what is drawn follows the question."""

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_explore
from streamlit_client.explore.chart_choice import show_charts
from tests.ui.screen import chart_of, texts_of
from tests.unit.streamlit_client.explore.opened_page import asked, open_part, points_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

KNOWN: dict[str, dict[str, Any]] = {
    "연번": {"type": "integer", "meaning": "serial"},
    "코드": {"type": "text", "meaning": "code"},
    "연도": {"type": "integer", "meaning": "year"},
    "시각": {"type": "time"},
    "위도(계산)": {"type": "number", "meaning": "latitude"},
    "금액": {"type": "integer", "meaning": "money", "unit": "원"},
    "나이": {"type": "integer", "meaning": "age", "unit": "세", "minimum": "24", "maximum": "71"},
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


def opened(kept: KeptDatasets, form: str = "bar", *, question: Any = None, **address: Any) -> tuple[AppTest, str]:
    kept.known = KNOWN
    return open_part(kept, show_charts, FRAME, chart=form, **({"q": question} if question else {}), **address)


def test_only_amounts_and_last_of_all_positions_have_a_histogram_and_a_summary(kept: KeptDatasets) -> None:
    at, dataset_id = opened(kept, "histogram")
    assert at.selectbox(key=f"chart.x.{dataset_id}").options == ["금액 (원)", "나이 (세)", "위도(계산)"]
    at.session_state[f"summary.{dataset_id}"] = True
    (summary,) = at.run().dataframe
    assert summary.value[texts_explore.COLUMN].tolist() == ["금액 (원)", "나이 (세)", "위도(계산)"]
    assert summary.value.iloc[0, 1:].tolist() == pytest.approx(FRAME["금액"].describe().tolist())


@pytest.mark.parametrize(
    ("group", "places"),
    [
        ("연도", [("2021년", 2), ("2022년", 0), ("2023년", 1)]),
        ("코드", [("27260", 2), ("27110", 1)]),
        ("나이:10", [("20~29", 2), ("70~79", 1)]),
    ],
)
def test_bars_of_groups_stand_in_their_order_or_by_their_height(
    kept: KeptDatasets, group: str, places: list[Any]
) -> None:
    at, dataset_id = opened(kept, question={"groups": [group]})
    assert points_of(at, f"chart.bar.{dataset_id}") == places


def test_groups_and_measure_are_part_of_the_question(kept: KeptDatasets) -> None:
    at, dataset_id = opened(kept)
    assert {"코드", "연도", "시각", "나이 (10 단위)"} <= set(at.selectbox(key=f"chart.{dataset_id}.group.0").options)
    at.selectbox(key=f"chart.{dataset_id}.group.0").set_value("연도").run()
    at.selectbox(key=f"chart.{dataset_id}.group.1").set_value("코드").run()
    at.selectbox(key=f"chart.{dataset_id}.measure").set_value("sum").run()
    assert not at.exception
    assert asked(at) == {"groups": ["연도", "코드"], "measures": [{"measure": "sum", "column": "금액"}]}
    bars = {trace["name"]: trace["y"] for trace in chart_of(at, f"chart.bar.{dataset_id}")}
    assert bars == {"27260": [3_000, None, None], "27110": [None, None, 9_000]}


def test_heatmap_has_the_first_groups_down_and_marks_to_click(kept: KeptDatasets) -> None:
    at, dataset_id = opened(kept, "heatmap", question={"groups": ["연도", "코드"]})
    cells, marks = chart_of(at, f"chart.heatmap.{dataset_id}")
    assert (cells["y"], cells["z"]) == (["2021년", "2022년", "2023년"], [[2, 0], [0, 0], [0, 1]])
    assert marks["customdata"] == [0, -1, -1, -1, -1, 1]


@pytest.mark.parametrize("question", [None, {"where": [{"column": "나이", "operator": "<", "value": 60}]}])
def test_histogram_has_round_intervals_and_follows_the_question(kept: KeptDatasets, question: Any) -> None:
    at, dataset_id = opened(kept, "histogram", question=question, x="나이")
    (bars,) = chart_of(at, f"chart.histogram.{dataset_id}")
    counts = {name: count for name, count in zip(bars["hovertext"], bars["y"], strict=True) if count}
    whole = {"20 ~ 24세": 1, "25 ~ 29세": 1, "70 ~ 74세": 1}
    assert counts == (whole if question is None else {"24세": 1, "29세": 1})


def test_boxes_of_years_stand_in_their_order_and_end_at_percentiles(kept: KeptDatasets) -> None:
    at, dataset_id = opened(kept, "box", question={"groups": ["연도"]}, x="금액")
    boxes = chart_of(at, f"chart.box.{dataset_id}")
    assert [box["name"] for box in boxes] == ["2021년", "2023년"]
    assert [boxes[0][name][0] for name in ("lowerfence", "median", "mean")] == pytest.approx([1_050, 1_500, 1_500])
    assert texts_explore.BOX_ENDS in texts_of(at)


@pytest.mark.parametrize("form", ["density", "scatter"])
def test_charts_of_single_rows_come_from_a_sample(kept: KeptDatasets, form: str) -> None:
    at, dataset_id = opened(kept, form, x="금액", y="나이")
    assert chart_of(at, f"chart.{form}.{dataset_id}")
    assert [question.sample for name, question in kept.asked if name == "query_rows"] == [5_000]
    assert texts_explore.RESTS_ON.format(used=3) in texts_of(at)


def test_many_labels_are_cut_and_counted(kept: KeptDatasets) -> None:
    frame = pd.DataFrame({"유형": [f"유형 {row % 50}" for row in range(100)]})
    at, dataset_id = open_part(kept, show_charts, frame, q={"groups": ["유형"]})
    assert len(points_of(at, f"chart.bar.{dataset_id}")) == 40
    assert texts_explore.LABELS_CUT.format(name="유형", total=50, shown=40) in texts_of(at)
