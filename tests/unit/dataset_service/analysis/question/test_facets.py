"""The values of columns with their counts, each under the conditions on the others."""

from typing import Any

import numpy as np
import pytest

from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.facets import Facet, count_facets
from dataset_service.reading.columns.kinds import ColumnKind, Meaning, Precision
from dataset_service.reading.reading import ColumnReading
from servicekit.errors import ToolRefused
from servicekit.question import Question
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "유형": ["차대차", "차대사람", "차대차", None, "차대차", "단독"],
        "요일": ["수", "월", "일", "월", "화", "월"],
        "수": [1, 2, 2, 2, None, 3],
        "때": dates("2019-01-01", "2019-02-01", "2020-01-01", None, "2020-01-01", "2020-03-01"),
        "야간": [True, False, True, True, None, False],
        "시각": ["22:00", "05:00", None, "05:00", "12:30", "00:00"],
    },
    시각=ColumnReading(kind=ColumnKind.TIME),
)


def facet(frame: Frame, column: str, **question: Any) -> Facet:
    """The values of one column."""
    (only,) = count_facets(frame, Question.model_validate({**question, "columns": [column]})).facets
    return only


@pytest.mark.parametrize(
    ("column", "values", "missing", "ends"),
    [
        ("유형", [("차대차", 3), ("단독", 1), ("차대사람", 1)], 1, (None, None)),
        ("요일", [("월", 3), ("화", 1), ("수", 1), ("일", 1)], 0, (None, None)),
        ("수", [("1", 1), ("2", 3), ("3", 1)], 1, ("1", "3")),
        ("때", [("2019-01-01", 1), ("2019-02-01", 1), ("2020-01-01", 2), ("2020-03-01", 1)], 1,
         ("2019-01-01", "2020-03-01")),
        ("때:연도", [("2019", 2), ("2020", 3)], 1, ("2019", "2020")),
        ("야간", [("거짓", 2), ("참", 3)], 1, (None, None)),
        ("시각", [("00:00", 1), ("05:00", 2), ("12:30", 1), ("22:00", 1)], 1, (None, None)),
    ],
)  # fmt: skip
def test_values_are_counted_in_their_order_or_the_most_frequent_first(
    column: str, values: list[Any], missing: int, ends: tuple[str | None, str | None]
) -> None:
    found = facet(FRAME, column)
    assert (found.kind, list(found.values), found.missing_rows) == ("values", values, missing)
    assert (found.minimum, found.maximum) == ends
    assert (found.unique, found.other_rows) == (len(values), 0)


def test_conditions_on_other_columns_hold_and_those_on_the_column_do_not() -> None:
    question = {
        "where": [
            {"column": "유형", "value": "차대차"},
            {"column": "수", "operator": ">=", "value": 2},
            {"any_of": [{"column": "수", "value": 9}, {"column": "수", "value": 2}]},
        ],
        "columns": ["유형", "수", "요일"],
    }
    found = count_facets(FRAME, Question.model_validate(question))
    assert found.total == 1
    assert [list(one.values) for one in found.facets] == [
        [("차대사람", 1), ("차대차", 1)],
        [("1", 1), ("2", 1)],
        [("일", 1)],
    ]
    assert [one.missing_rows for one in found.facets] == [1, 1, 0]


def test_search_words_hold_for_all_facets() -> None:
    assert list(facet(FRAME, "유형", search="차대").values) == [("차대차", 3), ("차대사람", 1)]


def test_most_frequent_of_many_texts_are_shown_and_the_others_counted() -> None:
    frame = frame_of({"글자": ["가"] * 3 + ["나"] * 2 + [f"값 {number}" for number in range(30)]})
    found = facet(frame, "글자", limit=2)
    assert (list(found.values), found.other_rows, found.unique) == ([("가", 3), ("나", 2)], 30, 32)


@pytest.mark.parametrize(
    ("values", "edges", "counts"),
    [
        (list(range(100)), [str(edge) for edge in range(0, 101, 5)], [5] * 20),
        ([number * 7 - 300 for number in range(100)], [str(edge) for edge in range(-300, 401, 50)], None),
        ([number / 100 for number in range(100)], [f"{edge * 0.05:.2f}".rstrip("0").rstrip(".") for edge in range(21)],
         [5] * 20),
        ([0.0] * 70 + [float(number) * 1e6 for number in range(50)], None, None),
        ([*range(60), float("inf")], None, None),
    ],
)  # fmt: skip
def test_many_numbers_are_counted_in_even_steps(
    values: list[Any], edges: list[str] | None, counts: list[int] | None
) -> None:
    found = facet(frame_of({"수": values}), "수")
    assert found.kind == "bins"
    assert 10 <= len(found.bins) <= 22
    starts = [one.start for one in found.bins]
    assert edges is None or [*starts, found.bins[-1].end] == edges
    assert counts is None or [one.rows for one in found.bins] == counts
    finite = np.array([value for value in values if value != float("inf")], float)
    for one in found.bins:
        assert one.rows == np.count_nonzero((finite >= float(one.start)) & (finite < float(one.end)))
    assert found.other_rows == len(values) - len(finite)


@pytest.mark.parametrize(
    ("first", "step", "count", "precision", "edges"),
    [
        ("2016-01-01", 1, 36 * 30, "", ["2016-Q1", "2016-Q2"]),
        ("2016-02-10", 1, 40, "", ["2016-02-08", "2016-02-15"]),
        ("2016-01-31", 1, 200, "", None),
        ("2001-01-01", 365, 60, "", ["2000", "2005"]),
        ("2016-01-01", 31, 60, Precision.MONTH, ["2016-Q1", "2016-Q2"]),
    ],
)
def test_many_dates_are_counted_in_whole_periods(
    first: str, step: int, count: int, precision: str, edges: list[str] | None
) -> None:
    days = np.datetime64(first, "D") + np.arange(count) * step
    if precision:
        days = days.astype("datetime64[M]").astype("datetime64[D]")
    frame = frame_of({"날": list(days.astype("datetime64[ms]"))}, 날=ColumnReading(precision=precision))
    found = facet(frame, "날")
    assert found.kind == "bins"
    assert edges is None or [found.bins[0].start, found.bins[0].end] == edges
    for one in found.bins:
        where = [
            {"column": "날", "operator": ">=", "value": one.start},
            {"column": "날", "operator": "<", "value": one.end},
        ]
        assert count_facets(frame, Question.model_validate({"where": where})).total == one.rows
    assert sum(one.rows for one in found.bins) == count


def test_hours_and_days_are_values_however_many() -> None:
    frame = frame_of({"시": list(range(24))}, 시=ColumnReading(meaning=Meaning.HOUR))
    assert [value for value, _ in facet(frame, "시").values] == [str(hour) for hour in range(24)]


def test_codes_are_values_and_no_numbers() -> None:
    frame = frame_of({"순번": list(range(100))}, 순번=ColumnReading(meaning=Meaning.SERIAL))
    assert facet(frame, "순번").kind == "values"


def test_frame_without_rows_has_facets() -> None:
    found = count_facets(FRAME, Question.model_validate({"where": [{"column": "수", "value": 77}]}))
    assert found.total == 0
    assert [one.column for one in found.facets] == list(FRAME.columns)
    assert [len(one.values) for one in found.facets] == [0, 0, 3, 0, 0, 0]


def test_column_that_is_not_there_is_refused_where_it_is_named() -> None:
    with pytest.raises(ToolRefused) as refusal:
        count_facets(FRAME, Question.model_validate({"columns": ["유형", "없음"]}))
    assert refusal.value.field == "columns[1]"
