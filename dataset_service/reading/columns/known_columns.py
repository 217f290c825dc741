"""Finds columns of known content: positions, districts, inputs of the ECLO prediction."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.kinds import ColumnKind, Meaning

# Names of the ECLO model's inputs in known files, the most common first.
PREDICTION_NAMES: Mapping[str, tuple[str, ...]] = {
    "occurred_at": ("사고일시", "발생일시", "발생년월일시", "사고발생일시", "일시", "사고일자", "발생일자", "날짜"),
    "accident_year": ("사고연도", "년", "연도", "년도", "연", "사고년도", "발생년", "발생년도"),
    "accident_month": ("사고월", "월", "발생월"),
    "accident_day": ("사고일", "일", "발생일"),
    "accident_hour": ("사고시", "시", "시각", "사고시각", "시간", "사고시간", "발생시", "발생시간"),
    "weather": ("기상상태", "기상", "날씨"),
    "road_surface": ("노면상태", "노면"),
    "road_type": ("도로형태", "도로", "도로종류"),
    "accident_type": ("사고유형", "사고종류", "사고형태"),
    "district": ("시군구", "법정동", "행정구역", "사고위치", "지역"),
    "day_of_week": ("요일", "사고요일"),
    "time_period": ("시간대", "시간구분"),
}


class CoordinateColumns(NamedTuple):
    """The names of the columns with latitude and longitude in degrees."""

    latitude: str
    longitude: str


class PredictionColumn(NamedTuple):
    """An input of the ECLO model and the name of the column that holds it."""

    input: str
    column: str


def find_coordinates(columns: Sequence[TypedColumn]) -> CoordinateColumns | None:
    """Returns the columns of numbers that mean latitude and longitude, the calculated ones if there are several."""
    numbers = [column for column in columns if column.kind in (ColumnKind.NUMBER, ColumnKind.INTEGER)]
    by_meaning = {column.reading.meaning: column.name for column in numbers}
    if Meaning.LATITUDE in by_meaning and Meaning.LONGITUDE in by_meaning:
        return CoordinateColumns(by_meaning[Meaning.LATITUDE], by_meaning[Meaning.LONGITUDE])
    return None


def find_prediction_columns(names: Sequence[str]) -> list[PredictionColumn]:
    """Returns the columns that hold inputs of the ECLO model, by name."""
    by_name = {plain_name(name): name for name in reversed(names)}
    columns = []
    for source, known in PREDICTION_NAMES.items():
        column = next((by_name[plain_name(name)] for name in (*known, source) if plain_name(name) in by_name), None)
        if column is not None:
            columns.append(PredictionColumn(source, column))
    return columns


def plain_name(name: str) -> str:
    """Normalises a name: without differences in case, width, white space, underscores and brackets."""
    return re.sub(r"[\s_\-.()\[\]]+", "", unicodedata.normalize("NFKC", name)).casefold()
