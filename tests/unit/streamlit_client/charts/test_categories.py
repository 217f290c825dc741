"""Parts of dates, periods and times of day are counted in their order."""

from typing import Any

import pandas as pd
import pytest

from streamlit_client.charts.categories import as_categories, named_column, places_of
from tests.unit.streamlit_client.samples import column


@pytest.mark.parametrize(
    ("values", "known", "first", "last", "counted"),
    [
        ([2021, None, 2023, 2021], {"meaning": "year"}, "2021년", "2023년", {"2021년": 2, "2022년": 0, "2023년": 1}),
        ([12, 3, 3], {"meaning": "month"}, "1월", "12월", {"3월": 2, "12월": 1, "1월": 0}),
        ([31], {"meaning": "day"}, "1일", "31일", {"31일": 1}),
        ([0, 24], {"meaning": "hour"}, "0시", "24시", {"0시": 1, "24시": 1, "23시": 0}),
        (["09:05", None, "23:59:10", "09:59"], {"type": "time"}, "0시", "23시", {"9시": 2, "23시": 1}),
        (["2024-01-01", "2024-10-01"], {"type": "date", "precision": "quarter"}, "2024년 1분기", "2024년 4분기",
         {"2024년 1분기": 1, "2024년 2분기": 0, "2024년 4분기": 1}),
        (["2020-12-01", "2021-01-01"], {"type": "date", "precision": "month"}, "2020년 12월", "2021년 1월",
         {"2020년 12월": 1, "2021년 1월": 1}),
        (["2019-01-01", "2021-01-01"], {"type": "date", "precision": "year"}, "2019년", "2021년", {"2020년": 0}),
    ],
)  # fmt: skip
def test_values_stand_in_their_order_with_those_that_do_not_occur(
    values: list[Any], known: dict[str, Any], first: str, last: str, counted: dict[str, int]
) -> None:
    series = pd.Series(values, name="값")
    if known.get("type") == "date":
        series = pd.to_datetime(series)
    counts = as_categories(series, column("값", **known)).value_counts(sort=False).to_dict()
    assert (next(iter(counts)), list(counts)[-1]) == (first, last)
    assert counts | counted == counts
    assert sum(counts.values()) == series.notna().sum()


def test_far_away_year_makes_no_room_for_all_between() -> None:
    years = as_categories(pd.Series([1, 2024, 2025]), column("연도", meaning="year"))
    assert years.cat.categories.tolist() == ["1년", "2024년", "2025년"]


@pytest.mark.parametrize(
    ("name", "cells", "labels", "places"),
    [
        ("날:연월", ["2020-12", "2021-02"], ["2020년 12월", "2021년 1월", "2021년 2월"], [0, 2]),
        ("날:연분기", ["2021-Q2", "2021-Q1"], ["2021년 1분기", "2021년 2분기"], [1, 0]),
        ("날:연도", [2019, 2021], ["2019년", "2020년", "2021년"], [0, 2]),
        ("날:분기", [2], ["1분기", "2분기", "3분기", "4분기"], [1]),
        ("날:요일", ["월요일", "화요일"], ["월요일", "화요일"], [0, 1]),
        ("날:연월", ["모름", "2021-02"], ["모름", "2021-02"], [0, 1]),
        ("참인지", [True, False], ["참", "거짓"], [0, 1]),
        ("코드", [2.0, "가", 2.0], ["2", "가"], [0, 1, 0]),
    ],
)
def test_groups_stand_in_the_order_of_their_column_or_as_they_come(
    name: str, cells: list[Any], labels: list[str], places: list[int]
) -> None:
    found = places_of(cells, named_column(name))
    assert (found.labels, found.places.tolist()) == (labels, places)


def test_other_values_have_no_order() -> None:
    codes = pd.Series(["41900", "41901"], name="우편번호")
    assert as_categories(codes, column("우편번호", type="text", meaning="code")) is codes


def test_column_without_a_value_has_no_categories() -> None:
    nothing = pd.Series([None, None], dtype="float64")
    assert as_categories(nothing, column("월", meaning="month")) is nothing
