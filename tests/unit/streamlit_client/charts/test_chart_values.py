"""What a chart draws can be read as a table."""

import pandas as pd

from streamlit_client import texts, texts_explore
from streamlit_client.charts.actual_predicted import actual_by_expected
from streamlit_client.charts.chart_values import chart_values
from streamlit_client.charts.column_charts import Box, box, histogram, label_bars, scatter, two_label_bars
from streamlit_client.charts.distribution import eclo_histogram, words_chart
from streamlit_client.charts.time_charts import bars, hour_weekday_heatmap
from streamlit_client.charts.waterfall import waterfall_in_words
from tests.unit.streamlit_client.samples import BANDS, column, contribution, prediction

LABELS = pd.Series(["가", "나", "다", "가"], name="분류")
NUMBERS = pd.Series([1.0, 2.0, 3.0, 4.0], name="값")


def rows_of(table: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(row) for row in table.itertuples(index=False)]


def test_bars_are_read_with_their_labels_whole() -> None:
    assert rows_of(chart_values(label_bars(["가" * 40], [1], total=1, others=0))) == [("가" * 40, "1 (100.0%)")]
    assert rows_of(chart_values(bars(("1월", "2월"), (3, 9), x="월"))) == [("1월", 3), ("2월", 9)]
    assert list(chart_values(bars(("1월",), (3,), x="월")).columns) == ["월", texts_explore.COUNT]
    assert len(chart_values(words_chart([BANDS[0].interpretation], BANDS))) == len(BANDS)


def test_bars_of_a_histogram_say_from_where_to_where_they_reach() -> None:
    assert chart_values(histogram(NUMBERS)).iloc[0].tolist() == ["1", 1]
    table = chart_values(histogram(NUMBERS / 2))
    assert table.iloc[0].tolist() == ["0.50 ~ 0.55", 1]
    assert table[texts_explore.COUNT].sum() == 4
    assert chart_values(eclo_histogram([2.0, 8.0], BANDS)).iloc[:, -1].sum() == 2


def test_boxes_are_read_by_group() -> None:
    boxes = [Box("가", (1.0, 1.75, 2.5, 3.25, 4.0), 2.5), Box("나", (2.0, 2.0, 2.0, 2.0, 2.0), 2.0)]
    table = chart_values(box(boxes, "값"))
    assert table[texts.CHART_GROUP].tolist() == ["가", "나"]
    assert table.iloc[0, 1:].tolist() == [1.0, 1.75, 2.5, 3.25, 4.0]


def test_heatmap_is_read_by_rows() -> None:
    table = chart_values(hour_weekday_heatmap([list(range(24))] * 7))
    assert table.shape == (7, 25)
    assert table.iloc[0]["18시"] == 18


def test_traces_are_told_apart_and_helping_lines_left_out() -> None:
    frame = pd.DataFrame({"x": [1, 2, 3], "y": [4, 5, 6], "색": ["가", "나", "가"]})
    assert sorted(rows_of(chart_values(scatter(frame, column("x"), column("y"), "색")))) == [
        ("가", 1, 4),
        ("가", 3, 6),
        ("나", 2, 5),
    ]
    two, *_ = two_label_bars(LABELS, LABELS[:1], ("앞", "뒤"))
    assert set(chart_values(two)[texts.CHART_GROUP]) == {"앞", "뒤"}
    assert rows_of(chart_values(actual_by_expected([1.0, 2.0], [2.0, 3.0]))) == [(1.0, 2.0), (2.0, 3.0)]


def test_waterfall_is_told_in_a_sentence() -> None:
    said = waterfall_in_words(prediction(4.0, contributions=[contribution("사고유형", 0.1)]), 1.5)
    assert said.startswith("보통 사고 3.48에서 시작해 ")
    assert "+0.47" in said
    assert said.endswith("이 사고는 ECLO 4.00.")
