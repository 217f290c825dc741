from typing import Any

import numpy as np
import pandas as pd
import pytest

from streamlit_client.backend.contract_datasets import Chart, Table
from streamlit_client.charts.axes import category_axis, colour_scale, count_axis, number_axis, number_texts, wrapped
from streamlit_client.charts.column_charts import (
    Box,
    bin_bars,
    box,
    density,
    find_bins,
    histogram,
    label_bars,
    scatter,
    two_histograms,
)
from streamlit_client.charts.tool_chart import tool_chart
from tests.unit.streamlit_client.samples import column


def layout(figure: Any) -> dict[str, Any]:
    fields: dict[str, Any] = figure.to_dict()["layout"]
    return fields


@pytest.mark.parametrize(
    ("axis", "fields"),
    [
        (number_axis(range(2020, 2025), ""), {"tickformat": "d", "hoverformat": "d", "dtick": 1}),
        (number_axis([2019.0, float("nan"), 2031.0], ""), {"tickformat": "d", "hoverformat": "d", "dtick": 1}),
        (number_axis(range(1950, 2021), ""), {"dtick": 10}),
        (count_axis([12, 0], "건수"), {"dtick": 1, "rangemode": "tozero"}),
        (colour_scale([0, 1, 0]), {"dtick": 1}),
        (number_axis([0.5, 12_000.25], ""), {"exponentformat": "none", "separatethousands": True}),
        (colour_scale([12_000, 30_000]), {"exponentformat": "none", "separatethousands": True}),
    ],
)
def test_axis_has_whole_steps_for_years_and_few_counts_and_says_no_twelve_k(
    axis: dict[str, Any], fields: dict[str, Any]
) -> None:
    assert axis | fields == axis


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([79.33333333, 5.0], ["79.33", "5.00"]),
        ([12_345.678], ["12,346"]),
        ([12_345.0, 2.0], ["12,345", "2"]),
        ([2021.0, 2023.0], ["2021", "2023"]),
        ([0.00123], ["0.001230"]),
        ([], []),
    ],
)
def test_numbers_have_the_decimals_that_say_something(values: list[float], shown: list[str]) -> None:
    assert number_texts(values) == shown


def test_long_name_stands_in_lines_and_only_what_is_longer_still_is_left_to_the_hover() -> None:
    assert wrapped("차대차") == "차대차"
    assert wrapped("2020-03-01 00:00:00") == "2020-03-01<br>00:00:00"
    name = "교차로 - 교차로안 횡단보도 부근"
    assert wrapped(name).replace("<br>", " ") == name
    assert wrapped("가" * 40) == f"{'가' * 16}<br>{'가' * 16}<br>{'가' * 8}"
    assert wrapped("가" * 99).endswith("…")
    assert category_axis(["가" * 99])["automargin"]


def test_name_with_a_tag_is_shown_as_it_is() -> None:
    assert wrapped("<b>굵게</b> & 5<10") == "&lt;b&gt;굵게&lt;/b&gt; &amp; 5&lt;10"
    assert label_bars(["<i>"], [2], total=2, others=0).to_dict()["data"][0]["hovertext"] == ["&lt;i&gt;"]


def test_histogram_of_whole_numbers_has_a_bar_for_each() -> None:
    figure = histogram(pd.Series([2019, 2020, 2020, 2023], name="사고연도"))
    (bars,) = figure.to_dict()["data"]
    assert dict(zip(bars["hovertext"], bars["y"], strict=True)) == {
        "2019": 1,
        "2020": 2,
        "2021": 0,
        "2022": 0,
        "2023": 1,
    }
    assert layout(figure)["xaxis"]["dtick"] == 1


@pytest.mark.parametrize(
    ("values", "known", "bars"),
    [
        ([24, 29, 30, 71], {"meaning": "age", "unit": "세"}, ["20 ~ 24세", "25 ~ 29세", "30 ~ 34세"]),
        ([1_000, 25_000], {"unit": "원"}, ["1,000 ~ 1,499원", "1,500 ~ 1,999원", "2,000 ~ 2,499원"]),
        ([-3, 3], {}, ["-3", "-2", "-1"]),
        ([0.0, 5.0, 12.6], {"unit": "%"}, ["0.0 ~ 0.5%", "0.5 ~ 1.0%", "1.0 ~ 1.5%"]),
        ([0.1, 0.15], {}, ["0.100 ~ 0.101", "0.101 ~ 0.102", "0.102 ~ 0.103"]),
        ([0.5, 0.5], {}, ["0 ~ 1"]),
    ],
)
def test_bars_of_a_histogram_have_limits_that_people_would_choose(
    values: list[float], known: dict[str, Any], bars: list[str]
) -> None:
    bins = find_bins(min(values), max(values), are_whole=isinstance(values[0], int), column=column("값", **known))
    (trace,) = bin_bars(bins, [1] * bins.size, title="값", column=column("값", **known)).to_dict()["data"]
    assert trace["hovertext"][:3] == bars
    assert bins.edges()[0] <= min(values) <= max(values) <= bins.edges()[-1]


@pytest.mark.parametrize(
    ("known", "fields"),
    [
        ({"meaning": "year"}, {"tickformat": "d", "dtick": 1}),
        ({"meaning": "count"}, {"separatethousands": True, "dtick": 1}),
        ({"unit": "%"}, {"ticksuffix": "%", "title": {"text": "값 (%)"}}),
        ({"meaning": "money", "unit": "만원"}, {"title": {"text": "값 (만원)"}}),
    ],
)
def test_axis_shows_what_its_column_means(known: dict[str, Any], fields: dict[str, Any]) -> None:
    bins = find_bins(2019, 2023, are_whole=True)
    shown = layout(bin_bars(bins, [1, 0, 1, 0, 1], title=column("값", **known).title, column=column("값", **known)))[
        "xaxis"
    ]
    assert shown | fields == shown
    assert ("tickformat" in shown) == ("tickformat" in fields)


def test_every_number_axis_of_the_exploring_charts_is_written_plainly() -> None:
    numbers = pd.Series(np.linspace(1_000, 90_000, 60), name="값")
    frame = pd.DataFrame({"값": numbers, "합": numbers})
    bars, boxes = label_bars(["가"], [3], total=3, others=0), box([Box("가", (1.0,) * 5, 1.0)], "값")
    curve = density(numbers)
    assert curve
    drawn = [
        *((figure, "xaxis") for figure in (histogram(numbers), curve, bars)),
        *((figure, "yaxis") for figure in (histogram(numbers), curve, boxes)),
        *((scatter(frame, column("값"), column("합"), None), axis) for axis in ("xaxis", "yaxis")),
        *((two_histograms(numbers, numbers, "가나")[0], axis) for axis in ("xaxis", "yaxis")),
    ]
    assert all(layout(figure)[axis]["exponentformat"] == "none" for figure, axis in drawn)


def chart_of(kind: str, names: list[Any], values: list[float]) -> dict[str, Any]:
    rows = tuple(zip(names, values, strict=True))
    figure = tool_chart(
        Table(columns=("이름", "건수"), rows=rows, total_rows=len(rows)), Chart(kind=kind, x="이름", y="건수")
    )
    assert figure
    return figure.to_dict()


def test_result_of_a_tool_names_every_year_and_rounds_means() -> None:
    drawn = chart_of("line", [2021.0, 2022.0, 2023.0], [79.33333, 80.0, 81.25])
    assert drawn["layout"]["xaxis"]["ticktext"] == ["2021", "2022", "2023"]
    assert drawn["data"][0]["hovertext"] == ["2021: 79.33", "2022: 80.00", "2023: 81.25"]


def test_long_names_of_a_result_stand_whole_beside_bars_that_lie() -> None:
    name = "대구광역시 수성구 범어동 범어네거리 동편"
    drawn = chart_of("bar", [name, "중구"], [3, 1])
    assert drawn["data"][0]["orientation"] == "h"
    assert drawn["layout"]["yaxis"]["ticktext"][0].replace("<br>", " ") == name
    assert drawn["data"][0]["hovertext"][0] == f"{name}: 3"
    assert drawn["layout"]["xaxis"]["dtick"] == 1
