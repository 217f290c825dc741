"""The rows of a question: their order, pages, samples and columns."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dataset_service.analysis.question.rows import find_rows
from dataset_service.analysis.question.sorting import sort_rows
from dataset_service.reading.columns.kinds import ColumnKind, Precision
from dataset_service.reading.reading import ColumnReading
from dataset_service.reading.table_file import reading_of
from dataset_service.storage.data_output import DataFormat, serialise
from scripts.benchmarks.frames import large_frame
from servicekit.errors import ToolRefused
from servicekit.question import Question
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "번호": list(range(6)),
        "수": [2, None, 1, 2, 1, 3],
        "글자": ["나", "가", None, "다", "나", "가"],
        "요일": ["수", "월", "일", None, "화", "월"],
        "연령": ["24세", "100세", "모름", None, "7세", "24세"],
        "때": dates("2019-01-01", None, "2018-05-01", "2019-01-01", "2020-01-01", "2018-05-01"),
        "실수": [0.5, float("inf"), None, -1.5, 2.0, 0.5],
        "야간": [True, False, None, True, False, False],
        "시각": ["22:00", "05:00", None, "05:01", "12:30", "00:00"],
    },
    때=ColumnReading(precision=Precision.MONTH),
    시각=ColumnReading(kind=ColumnKind.TIME),
)


def found(**question: Any) -> Any:
    """The numbers of the rows of a question."""
    return find_rows(FRAME, Question.model_validate(question), question.get("offset", 0)).table["번호"].to_pylist()


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (["수"], [2, 4, 0, 3, 5, 1]),
        (["-수"], [5, 0, 3, 2, 4, 1]),
        (["글자"], [1, 5, 0, 4, 3, 2]),
        (["-글자"], [3, 0, 4, 1, 5, 2]),
        (["요일"], [1, 5, 4, 0, 2, 3]),
        (["연령"], [4, 0, 5, 1, 2, 3]),
        (["-때"], [4, 0, 3, 2, 5, 1]),
        (["-실수"], [1, 4, 0, 5, 3, 2]),
        (["야간"], [1, 4, 5, 0, 3, 2]),
        (["시각"], [5, 1, 3, 4, 0, 2]),
        (["때:연도", "-수"], [5, 2, 0, 3, 4, 1]),
        (["글자", "-수"], [5, 1, 0, 4, 3, 2]),
        (["-수", "글자"], [5, 0, 3, 4, 2, 1]),
        ([], [0, 1, 2, 3, 4, 5]),
    ],
)
def test_rows_are_in_order_with_missing_values_last_and_ties_as_in_the_file(sort: list[str], expected: Any) -> None:
    sorts = [{"column": one.removeprefix("-"), "descending": one.startswith("-")} for one in sort]
    assert found(sort=sorts) == expected
    for wanted in range(1, 6):
        assert found(sort=sorts, limit=wanted) == expected[:wanted]


def test_first_of_many_rows_are_those_that_pandas_sorts_first() -> None:
    frame = large_frame(3000)
    data = frame.to_pandas()
    names = ["정수 1", "분류 0", "실수 22"]
    rows = sort_rows(frame, [(frame.columns[name], False) for name in names], wanted=70)
    assert rows.tolist() == data.sort_values(names, kind="stable").index[:70].tolist()
    some = np.arange(0, 3000, 7)
    rows = sort_rows(frame, [(frame.columns[name], True) for name in names], some, 70)
    expected = data.iloc[some].sort_values(names, ascending=False, kind="stable").index[:70]
    assert rows.tolist() == pd.Index(expected).tolist()


@pytest.mark.parametrize(
    ("question", "expected", "total", "next_offset"),
    [
        ({"limit": 2}, [0, 1], 6, 2),
        ({"limit": 2, "offset": 4}, [4, 5], 6, None),
        ({"limit": 2, "offset": 9}, [], 6, None),
        ({"limit": 0, "offset": 1}, [1, 2, 3, 4, 5], 6, None),
        ({"sample": 3}, [0, 2, 5], 6, None),
        ({"sample": 30}, [0, 1, 2, 3, 4, 5], 6, None),
        ({"sample": 3, "limit": 2}, [0, 2], 6, 2),
        ({"where": [{"column": "수", "value": 2}]}, [0, 3], 2, None),
        ({"where": [{"column": "수", "value": 9}], "sample": 2}, [], 0, None),
        ({"where": [{"column": "수", "operator": "<", "value": 3}], "sort": [{"column": "수"}], "limit": 3},
         [2, 4, 0], 4, 3),
        ({"search": "나", "sort": [{"column": "번호", "descending": True}]}, [4, 0], 2, None),
    ],
)  # fmt: skip
def test_pages_and_samples(question: Any, expected: list[int], total: int, next_offset: int | None) -> None:
    rows = find_rows(FRAME, Question.model_validate(question), question.get("offset", 0))
    assert (rows.table["번호"].to_pylist(), rows.total, rows.next_offset) == (expected, total, next_offset)


def test_columns_are_those_that_were_asked_for_once_each() -> None:
    question = Question.model_validate({"columns": ["때:year", "번호", "때:연도"], "limit": 1})
    assert find_rows(FRAME, question, 0).table.to_pydict() == {"때:연도": [2019], "번호": [0]}


def test_defined_columns_are_shown_and_derived_ones_only_if_named() -> None:
    question = {
        "define": [{"name": "많음", "where": [{"column": "수", "operator": ">", "value": 1}]}],
        "where": [{"column": "때:연도", "value": 2019}],
        "sort": [{"column": "때:월"}],
    }
    table = find_rows(FRAME, Question.model_validate(question), 0).table
    assert table.column_names == [*FRAME.columns, "많음"]


def test_dates_are_written_no_more_precisely_than_they_are() -> None:
    question = Question.model_validate({"columns": ["때", "때:연분기"], "limit": 1})
    table = find_rows(FRAME, question, 0).table
    assert reading_of(table.schema.field("때")).precision == Precision.MONTH
    assert b"2019-01,2019-Q1" in b"".join(serialise(table, DataFormat.CSV)).replace(b'"', b"")


def test_times_are_written_on_each_page_if_the_column_has_any() -> None:
    frame = frame_of({"때": dates("2019-01-01T00:00", "2019-01-02T13:00")})
    table = find_rows(frame, Question(limit=1), 0).table
    assert b"2019-01-01 00:00" in b"".join(serialise(table, DataFormat.CSV))
    assert b"2019-01-01 00:00" in b"".join(serialise(table, DataFormat.JSON))


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ({"sort": [{"column": "번호"}, {"column": "없음"}]}, "sort[1].column"),
        ({"sort": [{"column": "수:연도"}]}, "sort[0].column"),
        ({"columns": ["번호", "수:연도"]}, "columns[1]"),
        ({"columns": ["없음"]}, "columns[0]"),
    ],
)
def test_column_that_is_not_there_is_refused_where_it_is_named(question: Any, path: str) -> None:
    with pytest.raises(ToolRefused) as refusal:
        found(**question)
    assert refusal.value.field == path
