import itertools
import math

import pandas as pd
import pytest

from streamlit_client import texts
from streamlit_client.charts.distribution import eclo_histogram, words_chart
from streamlit_client.charts.severity_scale import percentile, range_whisker, severity_strip
from streamlit_client.charts.time_charts import has_hours
from streamlit_client.charts.waterfall import steps, waterfall
from streamlit_client.theme import FONT
from tests.unit.streamlit_client.samples import BANDS, MODEL, QUANTILES, contribution, prediction


@pytest.mark.parametrize(
    ("eclo", "expected"), [(1.0, 0), (2.0, 0), (2.05, 0.5), (7.0, 50), (11.95, 99.5), (12.0, 100), (99.0, 100)]
)
def test_percentile_is_the_share_of_accidents_below(eclo: float, expected: float) -> None:
    assert percentile(eclo, QUANTILES) == pytest.approx(expected)


def test_percentile_of_a_value_that_many_accidents_share_is_above_them_all() -> None:
    assert percentile(4.0, [3.0, 4.0, 4.0, 4.0, 5.0]) == pytest.approx(75)


def test_strip_draws_the_bands_as_shares_and_the_mark_at_its_percentile() -> None:
    figure = severity_strip([prediction(7.0)], MODEL)
    bands = [trace for trace in figure.data if trace.type == "bar"]
    assert [(trace.name, trace.base[0], trace.x[0]) for trace in bands] == [
        ("경미", 0.0, 20.0),
        ("일반", 20.0, 60.0),
        ("심각", 80.0, 15.0),
        ("매우 심각", 95.0, 5.0),
    ]
    assert figure.data[-1].x[0] == pytest.approx(50)
    words = [annotation.text for annotation in figure.layout.annotations]
    assert words == ["○ 경미", "◔ 일반", "◑ 심각", "● 매우 심각", "<b>7.00</b>"]


def test_strip_draws_two_marks_for_a_comparison() -> None:
    figure = severity_strip([prediction(4.0), prediction(9.0)], MODEL)
    assert list(figure.data[-1].x) == pytest.approx([20, 70])


def test_whisker_reaches_from_the_low_to_the_high_end_of_the_range() -> None:
    (trace,) = range_whisker(prediction(4.0), MODEL).data
    assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(1.5)
    assert trace.x[0] + trace.error_x.array[0] == pytest.approx(9.5)


def test_waterfall_leads_from_the_average_to_the_value_without_losing_anything() -> None:
    parts = [
        contribution(name, change)
        for name, change in zip("abcdefgh", (0.3, -0.2, 0.1, 0.05, -0.04, 0.03, 0.02, -0.01), strict=True)
    ]
    raw = 1.6 + math.fsum(part.contribution for part in parts)
    answer = prediction(math.expm1(raw), contributions=parts)
    (trace,) = waterfall(answer, 1.6, raw).data

    assert trace.y[0] == texts.AVERAGE
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
    (trace,) = words_chart(["일반", "경미", "일반", "심각"], BANDS).data
    assert list(trace.x) == [1, 2, 1, 0]
    assert [label.split(" ", 1)[1] for label in trace.y] == ["경미", "일반", "심각", "매우 심각"]
    assert trace.text[1] == "2건 (50.0%)"


def test_histogram_draws_counts_that_add_up_and_the_cuts_between_bands() -> None:
    figure = eclo_histogram([2.0, 2.5, 4.0, 6.0], BANDS)
    assert sum(figure.data[0].y) == 4
    assert sorted(shape.x0 for shape in figure.layout.shapes) == [3.0, 5.0]


def test_gap_among_days_is_no_hour() -> None:
    assert not has_hours(pd.to_datetime(pd.Series(["2020-03-01", None])))
    assert has_hours(pd.to_datetime(pd.Series(["2020-03-01 00:00", None, "2020-03-01 18:00"])))


def test_histogram_of_one_value_is_drawn() -> None:
    assert sum(eclo_histogram([4.2], BANDS).data[0].y) == 1


def test_charts_use_the_korean_fonts_of_the_page() -> None:
    assert severity_strip([prediction(4.0)], MODEL).layout.font.family == FONT
    assert "NanumGothic" in FONT
