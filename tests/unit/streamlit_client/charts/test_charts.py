import html
import itertools
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from streamlit_client import texts
from streamlit_client.backend.contract_datasets import Chart, Table
from streamlit_client.charts.actual_predicted import actual_by_expected
from streamlit_client.charts.axes import number_axis
from streamlit_client.charts.categories import named_column
from streamlit_client.charts.column_charts import (
    Box,
    box,
    density,
    histogram,
    label_bars,
    scatter,
    two_histograms,
    two_label_bars,
)
from streamlit_client.charts.distribution import eclo_histogram, words_chart
from streamlit_client.charts.group_charts import Grouped, group_chart
from streamlit_client.charts.severity_scale import percentile, place_of, range_whisker, severity_strip
from streamlit_client.charts.style import PlainFigure
from streamlit_client.charts.time_charts import bars, hour_weekday_heatmap, trend
from streamlit_client.charts.tool_chart import tool_chart
from streamlit_client.charts.waterfall import steps, waterfall
from streamlit_client.texts_chat import QUARTILES
from streamlit_client.theme import FONT
from tests.korean_answers import NAMES
from tests.unit.streamlit_client.samples import BANDS, MODEL, QUANTILES, column, contribution, prediction

NUMBERS = pd.Series(np.linspace(1.0, 9.0, 60), name="값")
LABELS = pd.Series(["가", "나", "다"] * 20, name="분류")
FRAME = pd.DataFrame({"값": NUMBERS, "분류": LABELS, "합": NUMBERS + 1})
VALUE, SUM = column("값"), column("합", unit="원")
KINDS = ("bar", "line", "heatmap", "box")
WEEK = np.arange(7 * 24).reshape(7, 24).tolist()
BOXES = [Box("가", (1.0, 2.0, 3.0, 4.0, 5.0), 3.1)]
MONTHS = Grouped([named_column("날:연월")], [["2024-01", "2024-03"]], [3, 1], "건수", is_count=True)
PAIRS = Grouped(
    [named_column("날:연월"), named_column("유형")],
    [["2024-01", "2024-01", "2024-03"], ["가", "나", "가"]],
    [1.5, None, 2.5],
    "값 평균",
    column("값", unit="원"),
)
TABLE = Table(columns=("이름", "건수"), rows=tuple(zip(QUARTILES, range(5), strict=True)), total_rows=5)


def checked(figure: PlainFigure) -> go.Figure:
    """Returns the figure as Plotly understands it; fails where Plotly does not."""
    return go.Figure(figure.to_dict())


@pytest.mark.parametrize(
    "draw",
    [
        lambda: label_bars(["가", "나"], [3, 1], total=5, others=2),
        lambda: histogram(NUMBERS),
        lambda: box(BOXES, "값", VALUE),
        *(lambda kind=kind: group_chart(kind, MONTHS) for kind in ("bar", "line")),
        *(lambda kind=kind: group_chart(kind, PAIRS) for kind in ("bar", "line", "heatmap")),
        lambda: density(NUMBERS),
        lambda: scatter(FRAME, VALUE, SUM, "분류"),
        lambda: scatter(pd.concat([FRAME] * 20, ignore_index=True), VALUE, SUM, None),
        lambda: two_histograms(NUMBERS, NUMBERS + 1, ("앞", "뒤"))[0],
        lambda: two_label_bars(LABELS, LABELS[:10], ("앞", "뒤"))[0],
        lambda: trend(
            ["2024년", "2025년"],
            [1.0, None],
            x="연도",
            y=number_axis([1.0], "값", column("값", unit="%")),
            others=[("1년 전", [None, 1.0]), ("이동 평균", [1.0, 1.0])],
        ),
        lambda: bars(("1월", "2월"), (3, 9), x="월"),
        lambda: hour_weekday_heatmap(WEEK),
        lambda: actual_by_expected(NUMBERS.tolist(), NUMBERS.tolist()),
        lambda: words_chart(["일반"], BANDS),
        lambda: eclo_histogram([2.0, 8.0], BANDS),
        lambda: severity_strip([prediction(4.0)], MODEL),
        lambda: range_whisker(prediction(4.0), MODEL),
        lambda: waterfall(prediction(4.0, contributions=[contribution("a", 0.1)]), 1.5, 1.6),
        *(lambda kind=kind: tool_chart(TABLE, Chart(kind=kind, x="이름", y="건수")) for kind in KINDS),
    ],
)
def test_figure_has_only_fields_that_plotly_knows(draw: Callable[[], PlainFigure]) -> None:
    figure = checked(draw())
    assert figure.data
    assert figure.layout.font.family == FONT


def test_result_of_two_groups_is_drawn_as_lines_of_the_second() -> None:
    rows = (("2024-01", "가", 3), ("2024-01", "나", 1), ("2024-03", "가", 2))
    table = Table(columns=("날:연월", "유형", "건수"), rows=rows, total_rows=3)
    drawn = tool_chart(table, Chart(kind="line", x="날:연월", y="건수", series="유형"))
    assert drawn
    lines = {line["name"]: dict(zip(line["x"], line["y"], strict=True)) for line in drawn.to_dict()["data"]}
    assert lines == {
        "가": {"2024년 1월": 3, "2024년 2월": None, "2024년 3월": 2},
        "나": {"2024년 1월": 1, "2024년 2월": None, "2024년 3월": None},
    }


@pytest.mark.parametrize(
    ("eclo", "expected"), [(1.0, 0), (2.0, 0), (2.05, 0.5), (7.0, 50), (11.95, 99.5), (12.0, 100), (99.0, 100)]
)
def test_percentile_is_the_share_of_accidents_below(eclo: float, expected: float) -> None:
    assert percentile(eclo, QUANTILES) == pytest.approx(expected)


def test_percentile_of_a_value_that_many_accidents_share_is_above_them_all() -> None:
    assert percentile(4.0, [3.0, 4.0, 4.0, 4.0, 5.0]) == pytest.approx(75)


def test_strip_draws_the_bands_as_shares_and_the_mark_at_its_place() -> None:
    figure = checked(severity_strip([prediction(7.0)], MODEL))
    bands = [trace for trace in figure.data if trace.type == "bar"]
    assert [(trace.name, trace.base[0], trace.x[0]) for trace in bands] == [
        ("경미", 0.0, 20.0),
        ("일반", 20.0, 60.0),
        ("심각", 80.0, 15.0),
        ("매우 심각", 95.0, 5.0),
    ]
    assert figure.data[-1].x[0] == pytest.approx(49.5)
    words = [annotation.text for annotation in figure.layout.annotations]
    assert words == ["○ 경미", "◔ 일반", "◑ 심각", "● 매우 심각", "<b>7.00</b>"]


@pytest.mark.parametrize(
    ("eclo", "word", "place"),
    [
        (0.5, "경미", 1),
        (4.0, "경미", 20),
        (4.0, "일반", 21),
        (7.05, "일반", 51),
        (9.99, "심각", 81),
        (99, "매우 심각", 100),
    ],
)
def test_place_among_100_accidents_lies_within_the_places_of_the_word(eclo: float, word: str, place: int) -> None:
    assert place_of(prediction(eclo, interpretation=word), MODEL) == place


def test_whisker_reaches_from_the_low_to_the_high_end_of_the_range() -> None:
    (trace,) = checked(range_whisker(prediction(4.0), MODEL)).data
    assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(1.5)
    assert trace.x[0] + trace.error_x.array[0] == pytest.approx(9.5)


def test_waterfall_leads_from_the_average_to_the_value_without_losing_anything() -> None:
    parts = [
        contribution(name, change)
        for name, change in zip("abcdefgh", (0.3, -0.2, 0.1, 0.05, -0.04, 0.03, 0.02, -0.01), strict=True)
    ]
    raw = 1.6 + math.fsum(part.contribution for part in parts)
    answer = prediction(math.expm1(raw), contributions=parts)
    (trace,) = checked(waterfall(answer, 1.6, raw)).data

    assert trace.y[0] == texts.TYPICAL_ACCIDENT
    assert trace.y[-1] == texts.THIS_ACCIDENT
    assert math.fsum(trace.x[:-1]) == pytest.approx(trace.x[-1])
    shown = [float(text) for text in trace.text]
    assert sum(shown[:-1]) == pytest.approx(shown[-1], abs=0.05)
    assert shown[-1] == pytest.approx(answer.eclo, abs=0.005)


def test_waterfall_shows_the_strongest_first_and_the_small_ones_together() -> None:
    bars = steps([contribution(str(number), number / 100, value="교차로 - 교차로안") for number in range(-3, 6)])
    assert [bar.label for bar in bars[:2]] == ["5 · 교차로안", "4 · 교차로안"]
    assert len(bars) == 7
    assert bars[-1].label == texts.OTHERS.format(count=3)
    assert bars[-1].change == pytest.approx(0.0, abs=0.011)
    assert all(abs(one.change) >= abs(next_one.change) for one, next_one in itertools.pairwise(bars[:-1]))


def test_words_chart_counts_every_word_mildest_first() -> None:
    (trace,) = checked(words_chart(["일반", "경미", "일반", "심각"], BANDS)).data
    assert list(trace.x) == [1, 2, 1, 0]
    assert [label.split(" ", 1)[1] for label in trace.y] == ["경미", "일반", "심각", "매우 심각"]
    assert trace.text[1] == "2건 (50.0%)"


def test_histogram_draws_counts_that_add_up_and_the_cuts_between_bands() -> None:
    figure = checked(eclo_histogram([2.0, 2.5, 4.0, 6.0], BANDS))
    assert sum(figure.data[0].y) == 4
    assert sorted(shape.x0 for shape in figure.layout.shapes) == [3.0, 5.0]


def test_names_and_values_are_no_html_to_plotly() -> None:
    labels = pd.Series(NAMES, name="<b>$1~$2</b>")
    shown = label_bars(NAMES, [1] * len(NAMES), total=len(NAMES), others=0).to_dict()
    ticks = [html.unescape(tick.replace("<br>", "")) for tick in shown["layout"]["yaxis"]["ticktext"]]
    assert [tick.replace(" ", "") for tick in ticks] == [name.replace(" ", "") for name in NAMES[: len(ticks)]]
    texts_of_figures = str([shown, two_label_bars(labels, labels, NAMES[:2])[0].to_dict()["data"]])
    assert not {name for name in NAMES if "<" in name and repr(name) in texts_of_figures}

    frame = pd.DataFrame({"a<b>": [1.0, 2.0], "%{y}": [3.0, 4.0], "색": ["<i>", "A&amp;B"]})
    figure = scatter(frame, column("a<b>"), column("%{y}"), "색").to_dict()
    assert figure["layout"]["xaxis"]["title"]["text"] == "a&lt;b&gt;"
    assert figure["data"][0]["hovertemplate"] == ("색=&lt;i&gt;<br>a&lt;b&gt;=%{x}<br>&#37;{y}=%{y}<extra></extra>")
    assert figure["data"][1]["name"] == "A&amp;amp;B"
