"""Parts of dates, periods and times of day are counted in their order."""

from typing import Any

import pandas as pd
import pytest

from streamlit_client.charts.categories import as_categories, count_bars, hours_of
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
    (bars,) = count_bars(series, column("값", **known)).to_dict()["data"]
    assert (bars["x"][0], bars["x"][-1]) == (first, last)
    counts = dict(zip(bars["x"], bars["y"], strict=True))
    assert counts | counted == counts
    assert sum(bars["y"]) == series.notna().sum()


def test_far_away_year_makes_no_room_for_all_between() -> None:
    (bars,) = count_bars(pd.Series([1, 2024, 2025]), column("연도", meaning="year")).to_dict()["data"]
    assert bars["x"] == ["1년", "2024년", "2025년"]


def test_other_values_stand_by_their_frequency() -> None:
    codes = pd.Series(["41900", "41901", "41901"], name="우편번호")
    assert as_categories(codes, column("우편번호", type="text", meaning="code")) is codes
    (bars,) = count_bars(codes, column("우편번호", type="text", meaning="code")).to_dict()["data"]
    assert bars["y"] == ["41901", "41900"]


def test_column_without_a_value_has_no_categories() -> None:
    nothing = pd.Series([None, None], dtype="float64")
    assert as_categories(nothing, column("월", meaning="month")) is nothing


@pytest.mark.parametrize(
    ("values", "known"),
    [(["09:05", None, "23:59"], {"type": "time"}), ([9, None, 23], {"meaning": "hour"})],
)
def test_hours_of_times_and_of_hours_are_numbers(values: list[Any], known: dict[str, Any]) -> None:
    hours = hours_of(pd.Series(values), column("시각", **known))
    assert hours.dropna().tolist() == [9, 23]
    assert hours.isna().tolist() == [False, True, False]
