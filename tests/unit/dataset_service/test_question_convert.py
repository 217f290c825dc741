"""Whatever is asked, the answer is one of the contract, or a Korean refusal that names the part to change."""

import math
import re
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
from daegu.dataset.v1 import question_pb2
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.aggregate import aggregate
from dataset_service.analysis.question.cursor import cursor_of, offset_of
from dataset_service.analysis.question.facets import count_facets
from dataset_service.analysis.question.rows import find_rows
from dataset_service.question_convert import (
    AGGREGATE,
    FACETS,
    aggregate_to_proto,
    facets_to_proto,
    question_from_proto,
    rows_operation,
    rows_to_proto,
)
from dataset_service.reading.reading import ColumnReading
from dataset_service.storage.data_output import DataFormat, serialise
from servicekit.errors import ToolRefused
from servicekit.question import MeasureName, Operator, Question
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

HASH = "0123456789ab" * 5
CURSOR = cursor_of(Question(), HASH, 2)
FRAME = frame_of(
    {
        "구": ["대구광역시 중구", "대구광역시 서구", None, "대구광역시 달서구 상인동", "중구"],
        "글": ["=1+1", "가`|\n나", "", None, "비 오는 날"],
        "수": [2**53 + 1, -1, 0, None, 2**62],
        "실수": [0.1, -math.inf, math.inf, math.nan, 1e300],
        "날짜": dates("2016-01-31 22:10", None, "2016-02-29", "1900-01-01", "2200-12-31 23:59:59"),
        "달": dates("2016-01-01", "2016-02-01", None, "2017-01-01", "2017-03-01"),
        "시각": ["00:00", "23:59", None, "9:05", "24:00"],
        "참": [True, False, None, True, False],
        "위도": [35.87, 37.5, None, 35.8, 0.0],
        "경도": [128.6, 127.0, 128.5, None, 0.0],
        "빈": [None, None, None, None, None],
        "a:b": [1, 2, 3, 4, 5],
    },
    구=ColumnReading(meaning="region", kind="text"),
    달=ColumnReading(kind="date", precision="month"),
    시각=ColumnReading(kind="time"),
    위도=ColumnReading(meaning="latitude", kind="number"),
    경도=ColumnReading(meaning="longitude", kind="number"),
)
EMPTY = FRAME.select(np.arange(0))
PARTS_BY_COLUMN = {
    "날짜": ["연도", "분기", "월", "연월", "연분기", "일", "요일", "시", "hour"],
    "달": ["연월", "year"],
    "시각": ["시"],
    "구": ["시도", "시군구", "읍면동"],
    "위도": ["sido", "시군구"],
    "수": ["10", "1000000000000"],
    "실수": ["0.5"],
}
DERIVED = [f"{column}:{part}" for column, parts in PARTS_BY_COLUMN.items() for part in parts]
WRONG = [
    "정한",
    "둘째",
    "없음",
    "",
    " 수 ",
    "건수",
    "날짜:10",
    "수:0",
    "수:-5",
    "수:1e309",
    "글:연도",
    "구:",
    ":",
    "a:b:c",
]


def names() -> st.SearchStrategy[str]:
    usual = st.sampled_from([*FRAME.columns, *DERIVED])
    return st.integers(0, 9).flatmap(lambda number: usual if number else st.sampled_from(WRONG) | st.text(max_size=5))


def scalars() -> st.SearchStrategy[Any]:
    given = [
        "2016",
        "2016-Q1",
        "2016-02-30",
        "22:00",
        "대구광역시 서구",
        "참",
        "0",
        "1e999",
        "NaN",
        "-inf",
        "9" * 400,
        "\0",
    ]
    numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
    return st.sampled_from(given) | st.text(max_size=5) | numbers | st.booleans()


def some_tests() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"column": names()},
        optional={
            "operator": st.sampled_from(get_args(Operator)),
            "value": scalars() | st.lists(scalars(), max_size=3) | st.none(),
        },
    )


def conditions() -> st.SearchStrategy[list[Any]]:
    one: Any = some_tests() | st.builds(dict, any_of=st.lists(some_tests(), max_size=3))
    return st.lists(one, max_size=2)


def definitions() -> st.SearchStrategy[list[Any]]:
    near = st.fixed_dictionaries(
        {}, optional={"latitude": st.floats(-90, 90), "longitude": st.floats(-180, 180), "where": conditions()}
    )
    contents = {"where": conditions(), "sum_of": st.lists(names(), min_size=1, max_size=3), "near": near}
    given = {"name": st.sampled_from(["정한", "둘째", "수", "구:시도"])}
    one = st.one_of([st.fixed_dictionaries(given | {part: content}) for part, content in contents.items()])
    return st.lists(one, max_size=2)


def narrowed(**more: Any) -> st.SearchStrategy[dict[str, Any]]:
    usual = {
        "define": definitions(),
        "where": conditions(),
        "search": st.sampled_from(["비 날", " ", "=", "\0", "중구"]),
    }
    return st.fixed_dictionaries({}, optional={**usual, **more})


def sorts() -> st.SearchStrategy[list[Any]]:
    return st.lists(st.fixed_dictionaries({"column": names(), "descending": st.booleans()}), max_size=2)


def measures() -> st.SearchStrategy[list[Any]]:
    one = st.fixed_dictionaries(
        {"measure": st.sampled_from(get_args(MeasureName))},
        optional={
            "column": names(),
            "per": names(),
            "times": st.floats(0, 1e9, exclude_min=True),
            "percentile": st.floats(0, 100),
            "name": names(),
        },
    )
    return st.lists(one, max_size=3)


def outcome(answer: Callable[[], Message]) -> Message | ToolRefused:
    try:
        return answer()
    except ToolRefused as refused:
        return refused


def answer_or_refusal(answer: Callable[[], Message]) -> None:
    match outcome(answer):
        case ToolRefused() as refused:
            assert re.search("[가-힣]", refused.message), refused.message
            assert re.fullmatch(r"[a-z_]+(\[\d+\])?(\.[a-z_]+(\[\d+\])?)*", refused.field)
        case Message() as message:
            assert len(message.SerializeToString()) < 1_000_000


frames = pytest.mark.parametrize("frame", [FRAME, EMPTY], ids=["rows", "no rows"])
many = settings(max_examples=200, deadline=None)


@frames
@many
@given(
    asked=narrowed(
        columns=st.lists(names(), max_size=3),
        sort=sorts(),
        limit=st.integers(0, 5),
        offset=st.integers(0, 7),
        after=st.sampled_from(["", "", "", CURSOR, f"{CURSOR}0", "x"]),
        sample=st.integers(1, 9),
    ),
    data_format=st.sampled_from(DataFormat),
)
def test_rows(frame: Frame, asked: dict[str, Any], data_format: DataFormat) -> None:
    def answer() -> Message:
        question = question_from_proto(ParseDict(asked, question_pb2.Question()), rows_operation(data_format))
        rows = find_rows(frame, question, offset_of(question, HASH))
        assert all(serialise(rows.table, data_format))
        return rows_to_proto(rows, question, HASH)

    answer_or_refusal(answer)


@frames
@many
@given(
    asked=narrowed(
        groups=st.lists(names(), max_size=2),
        measures=measures(),
        region_codes=st.booleans(),
        sort=sorts(),
        limit=st.integers(1, 3),
    )
)
def test_measures(frame: Frame, asked: dict[str, Any]) -> None:
    answer_or_refusal(
        lambda: aggregate_to_proto(
            aggregate(frame, question_from_proto(ParseDict(asked, question_pb2.Question()), AGGREGATE))
        )
    )


@frames
@many
@given(asked=narrowed(columns=st.lists(names(), max_size=3), limit=st.integers(1, 3)))
def test_facets(frame: Frame, asked: dict[str, Any]) -> None:
    answer_or_refusal(
        lambda: facets_to_proto(
            count_facets(frame, question_from_proto(ParseDict(asked, question_pb2.Question()), FACETS))
        )
    )
