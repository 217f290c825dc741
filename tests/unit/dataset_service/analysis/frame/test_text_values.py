import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dataset_service.analysis.frame.text_values import (
    CLOCK_PATTERN,
    DATE_PATTERN,
    NUMBER_PATTERN,
    dates_in,
    hours_in,
    numbers_in,
)
from dataset_service.analysis.pandas_code import AS_DATES

DATES = {
    "2016년 1월 1일 01시": "2016-01-01T01:00:00",
    "2019-01-01 00": "2019-01-01T00:00:00",
    "2019-01-01": "2019-01-01T00:00:00",
    "2019. 1. 2.": "2019-01-02T00:00:00",
    "2019/1/1 7:05": "2019-01-01T07:05:00",
    "2016-12-23 20:00:05": "2016-12-23T20:00:05",
    "2019-01-01T13:30": "2019-01-01T13:30:00",
    "2019-01-01 13시 20분 5초": "2019-01-01T13:20:05",
    "2020-02-29": "2020-02-29T00:00:00",
}
NO_DATES = (
    "2019-02-29",
    "2019-13-01",
    "2019-01-00",
    "2019-01-01 24",
    "2019-01-01 12:60",
    "기타불명",
    "2019",
    "1/2",
    "",
)
NUMBERS = {
    "24세": 24.0,
    "1,234": 1234.0,
    "90세 이상": 90.0,
    "-3.5": -3.5,
    "15%": 15.0,
    "1,234원": 1234.0,
    " 3 km ": 3.0,
}
NO_NUMBERS = ("기타불명", "6~8", "08:00", "153-2", "대명동 9", "1.2.3", "010-1234", "3/4", "")
HOURS = {"08:00": 8.0, "0:05": 0.0, "23:59:59": 23.0, " 7:30 ": 7.0}
NO_HOURS = ("24:00", "8", "휴무", "12:60", "")


@pytest.mark.parametrize(("text", "moment"), DATES.items())
def test_date_is_read_however_it_is_written(text: str, moment: str) -> None:
    assert dates_in(pa.array([text])).tolist() == [np.datetime64(moment, "s").item()]


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_number_is_read_with_its_unit(text: str, number: float) -> None:
    assert numbers_in(pa.array([text])).tolist() == [number]


@pytest.mark.parametrize(("text", "hour"), HOURS.items())
def test_hour_of_a_time_of_day_is_read(text: str, hour: float) -> None:
    assert hours_in(pa.array([text])).tolist() == [hour]


def test_what_cannot_be_read_is_left_out_among_what_can() -> None:
    assert np.isnat(dates_in(pa.array(["2019-01-01", *NO_DATES, None]))).tolist() == [False] + [True] * 10
    assert np.isnan(numbers_in(pa.array(["1", *NO_NUMBERS, None]))).tolist() == [False] + [True] * 10
    assert np.isnan(hours_in(pa.array(["08:00", *NO_HOURS, None]))).tolist() == [False] + [True] * 6


def test_words_alone_are_nothing() -> None:
    words = pa.array(["맑음"] * 500)
    assert np.isnat(dates_in(words)).all()
    assert np.isnan(numbers_in(words)).all()
    assert np.isnan(hours_in(words)).all()
    assert len(dates_in(pa.array([], pa.string()))) == 0


@pytest.mark.parametrize("quarter", ["2024.2/4", "2024년 2/4", "2024-2/4분기"])
def test_quarter_is_no_day_here_nor_in_the_code_of_an_analysis(quarter: str) -> None:
    texts = [quarter, "2024/2/4", None]
    variables: dict[str, Any] = {"pd": pd}
    exec(AS_DATES, variables)
    for dates in (dates_in(pa.array(texts)), variables["as_dates"](pd.Series(texts, dtype="str")).to_numpy()):
        assert np.isnat(dates).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [(DATE_PATTERN, DATES, NO_DATES[3:]), (NUMBER_PATTERN, NUMBERS, NO_NUMBERS), (CLOCK_PATTERN, HOURS, NO_HOURS)],
)
def test_pattern_means_the_same_to_python(pattern: str, fits: dict[str, object], fits_not: tuple[str, ...]) -> None:
    assert all(re.match(pattern, text) for text in fits)
    assert not any(re.match(pattern, text) for text in fits_not)
