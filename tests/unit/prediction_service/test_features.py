"""Rows of the model, checked by hand."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from prediction_service.accident import FIELDS, Accident
from prediction_service.features import Calendar, Column, Encoder
from prediction_service.model import DESCRIPTION_FILE
from tests.unit.prediction_service.samples import ORDINARY

NO_HOLIDAYS = Calendar([])


@pytest.fixture(scope="module")
def calendar(model_directory: Path) -> Calendar:
    """The calendar with the holidays that the model knows."""
    description = json.loads((model_directory / DESCRIPTION_FILE).read_text("utf-8"))
    return Calendar([date.fromisoformat(day) for day in description["holidays"]])


def _row(column: Column, accident: Accident = ORDINARY, calendar: Calendar = NO_HOLIDAYS) -> list[float]:
    row: list[float] = Encoder([column], calendar).encode([accident])[0].tolist()
    return row


def test_table_gives_the_level_of_a_label_and_the_default_for_another() -> None:
    column = Column("weather_level", "weather", "table", table={"맑음": 1.25, "비": 1.5}, default=9.0)
    assert _row(column) == [1.25]
    assert _row(column, ORDINARY._replace(weather="비")) == [1.5]
    assert _row(column, ORDINARY._replace(weather="눈")) == [9.0]


@pytest.mark.parametrize(("year", "seen"), [(2007, 2012.0), (2012, 2012.0), (2015, 2015.0), (2040, 2020.0)])
def test_number_is_held_within_what_the_model_saw(year: int, seen: float) -> None:
    column = Column("accident_year", "accident_year", "number", minimum=2012, maximum=2020)
    assert _row(column, ORDINARY._replace(accident_year=year)) == [seen]


@pytest.mark.parametrize(
    ("day", "weekday", "day_of_year", "is_holiday", "is_before", "is_after", "days_off"),
    [
        (date(2020, 1, 23), 3, 23, 0, 1, 0, 0),  # Thursday before Seollal
        (date(2020, 1, 24), 4, 24, 1, 1, 0, 4),  # Seollal, Friday to Monday
        (date(2020, 1, 27), 0, 27, 1, 0, 1, 4),  # its substitute Monday
        (date(2020, 1, 28), 1, 28, 0, 0, 1, 0),
        (date(2020, 2, 29), 5, 60, 0, 1, 0, 2),  # Saturday of a leap year, the day before 1 March
        (date(2020, 8, 17), 0, 230, 1, 0, 0, 3),  # a Monday once declared a holiday after Liberation Day
        (date(2020, 10, 1), 3, 275, 1, 1, 1, 5),  # Chuseok, Wednesday to Sunday
        (date(2020, 10, 9), 4, 283, 1, 0, 0, 3),  # Hangul Day, a Friday
        (date(2020, 11, 11), 2, 316, 0, 0, 0, 0),  # an ordinary Wednesday
        (date(2020, 12, 25), 4, 360, 1, 0, 0, 3),
        (date(2019, 12, 31), 1, 365, 0, 1, 0, 0),  # the year's end looks into the next one
        (date(2025, 10, 6), 0, 279, 1, 1, 1, 7),  # Chuseok between two national days: Friday to Thursday
    ],
)
def test_calendar_knows_the_holidays_of_korea(
    calendar: Calendar,
    day: date,
    weekday: int,
    day_of_year: int,
    is_holiday: int,
    is_before: int,
    is_after: int,
    days_off: int,
) -> None:
    assert calendar.facts(day) == {
        "weekday": weekday,
        "day_of_year": day_of_year,
        "is_holiday": is_holiday,
        "is_before_holiday": is_before,
        "is_after_holiday": is_after,
        "days_off_in_a_row": days_off,
    }


def test_columns_come_in_the_order_of_the_fields_they_are_looked_up_with() -> None:
    day, weekday = Column("day_of_year", "accident_day", "calendar"), Column("weekday", "day_of_week", "calendar")
    hour, weather = Column("accident_hour", "accident_hour", "number"), Column("w", "weather", "table", default=7.0)
    encoder = Encoder([day, weekday, hour, weather], NO_HOLIDAYS)
    assert encoder.columns == (weather, hour, day, weekday)
    assert encoder.encode([ORDINARY]).tolist() == [[7.0, 12.0, 1.0, 2.0]]


def test_row_of_the_real_model_is_what_its_description_says(model_directory: Path, calendar: Calendar) -> None:
    description = json.loads((model_directory / DESCRIPTION_FILE).read_text("utf-8"))
    tables = {column["name"]: column["table"] for column in description["columns"] if column["kind"] == "table"}
    accident = ORDINARY._replace(accident_year=2025, accident_month=10, accident_day=6, day_of_week="월요일")
    expected = {
        "weather_level": tables["weather_level"]["맑음"],
        "surface_level": tables["surface_level"]["건조"],
        "road_level": tables["road_level"]["단일로 - 기타"],
        "accident_type_level": tables["accident_type_level"]["차대차"],
        "district_level": tables["district_level"]["대구광역시 수성구 상동"],
        "county_level": tables["county_level"]["대구광역시 수성구 상동"],
        "accident_hour": 12.0,
        "hour_level": tables["hour_level"]["12"],
        "accident_year": 2020.0,  # no tree has seen a later one
        "accident_month": 10.0,
        "weekday": 0.0,
        "day_of_year": 279.0,
        "is_holiday": 1.0,
        "is_before_holiday": 1.0,
        "is_after_holiday": 1.0,
        "days_off_in_a_row": 7.0,
    }
    encoder = Encoder([Column(**column) for column in description["columns"]], calendar)
    row = encoder.encode([accident])[0].tolist()
    assert dict(zip([column.name for column in encoder.columns], row, strict=True)) == expected


def test_county_level_is_the_same_for_all_its_towns(model_directory: Path) -> None:
    description = json.loads((model_directory / DESCRIPTION_FILE).read_text("utf-8"))
    (county,) = (column["table"] for column in description["columns"] if column["name"] == "county_level")
    levels: dict[str, set[float]] = {}
    for district, level in county.items():
        levels.setdefault(district.split()[1], set()).add(level)
    assert {name: len(found) for name, found in levels.items()} == dict.fromkeys(levels, 1)
    assert len(levels) == 8  # 군위군 is in no training data


def test_groups_of_rows_equal_single_rows_whatever_was_encoded_before(
    model_directory: Path, calendar: Calendar
) -> None:
    description = json.loads((model_directory / DESCRIPTION_FILE).read_text("utf-8"))
    columns = [Column(**column) for column in description["columns"]]
    accidents = [
        ORDINARY._replace(accident_hour=hour, accident_day=day, weather=weather)
        for hour in (0, 12, 23)
        for day in (1, 2, 31)
        for weather in ("맑음", "비")
    ]
    together = Encoder(columns, calendar).encode(accidents)
    alone = [Encoder(columns, calendar).encode([accident])[0] for accident in accidents]
    assert together.shape == (18, len(columns))
    assert together.dtype == np.float64
    assert np.array_equal(together, np.array(alone))


def test_every_column_belongs_to_an_input(model_directory: Path) -> None:
    description = json.loads((model_directory / DESCRIPTION_FILE).read_text("utf-8"))
    assert {column["source"] for column in description["columns"]} <= {field.name for field in FIELDS}
