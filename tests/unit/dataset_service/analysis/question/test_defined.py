"""Columns that a question defines."""

from typing import Any

import numpy as np
import pytest

from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.question.narrowing import cells, narrowed, refused
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "일시": dates("2019-01-01T23:00", "2019-03-05T13:00", "2019-03-05T22:00", None),
        "사망": [1, 0, None, None],
        "중상": [2, 0, 3, None],
        "비용": [0.5, 1.0, None, 2.5],
        "글 수": ["3명", "4명", None, "5명"],
        "구분": ["학교", "공원", "학교", "공원"],
        "위도": [35.87, 35.88, 35.90, None],
        "경도": [128.60, 128.60, 128.65, 128.0],
        "코드": ["1", "2", "3", "4"],
    },
    코드=ColumnReading(meaning=Meaning.CODE),
)
NIGHT = {"name": "야간", "where": [{"column": "일시:시", "value": [22, 23]}]}


def defined(*definitions: dict[str, Any]) -> list[Any]:
    """The values of the last of the defined columns."""
    return cells(narrowed(FRAME, define=list(definitions)), definitions[-1]["name"])


def test_condition_is_true_or_false_in_each_row() -> None:
    assert defined(NIGHT) == [True, False, True, False]
    assert narrowed(FRAME, define=[NIGHT]).notes == ("`야간`: 조건의 값이 없는 1행은 거짓입니다.",)


@pytest.mark.parametrize(
    ("columns", "total"),
    [
        (["사망", "중상"], [3, 0, None, None]),
        (["중상"], [2, 0, 3, None]),
        (["사망", "비용"], [1.5, 1.0, None, None]),
        (["글 수", "중상"], [5.0, 4.0, None, None]),
    ],
)
def test_sum_is_there_where_all_its_values_are(columns: list[str], total: list[Any]) -> None:
    assert defined({"name": "합", "sum_of": columns}) == total


def test_rows_without_a_sum_are_counted() -> None:
    found = narrowed(FRAME, define=[{"name": "합", "sum_of": ["사망", "중상"]}])
    assert found.notes == ("`합`: 더할 값이 하나라도 없는 2행은 합도 없습니다.",)


def test_code_has_columns_in_their_order_though_a_definition_rests_on_a_later_one() -> None:
    assert list(narrowed(FRAME, ["일시:시"], define=[NIGHT]).frame.columns)[-2:] == ["야간", "일시:시"]


def test_definition_may_use_those_before_it() -> None:
    total = {"name": "사상자", "sum_of": ["사망", "중상"]}
    assert defined(total, {"name": "있음", "where": [{"column": "사상자", "operator": ">", "value": 0}]}) == [
        True, False, False, False,
    ]  # fmt: skip
    found = narrowed(FRAME, ["사상자:2"], define=[NIGHT, total], where=[{"column": "야간", "value": True}])
    assert cells(found, "사상자:2") == ["2~3", None]


def test_distance_to_a_point_is_in_km() -> None:
    distances = defined({"name": "거리", "near": {"latitude": 35.87, "longitude": 128.60}})
    assert distances == [0.0, pytest.approx(1.11195, abs=1e-4), pytest.approx(5.6052, abs=1e-3), None]
    near = narrowed(
        FRAME,
        define=[{"name": "거리", "near": {"latitude": 35.87, "longitude": 128.60}}],
        where=[{"column": "거리", "operator": "<=", "value": "1.2km"}],
    )
    assert near.rows is not None
    assert near.rows.tolist() == [0, 1]
    assert "`거리`: 위치가 없는 1행은 거리가 없습니다." in near.notes


def test_distance_to_the_nearest_row_that_meets_conditions() -> None:
    found = narrowed(FRAME, define=[NIGHT, {"name": "거리", "near": {"where": [{"column": "구분", "value": "학교"}]}}])
    assert cells(found, "거리") == [0.0, pytest.approx(1.11195, abs=1e-4), 0.0, None]


def test_nearest_of_many_rows_is_that_of_all_distances() -> None:
    random = np.random.default_rng(3)
    degrees = {"위도": random.uniform(33, 38, 500).tolist(), "경도": random.uniform(125, 130, 500).tolist()}
    frame = frame_of({**degrees, "곳": ["곳" if place % 7 == 0 else "" for place in range(500)]})
    found = narrowed(frame, define=[{"name": "거리", "near": {"where": [{"column": "곳", "value": "곳"}]}}])
    points = [{"latitude": degrees["위도"][place], "longitude": degrees["경도"][place]} for place in range(0, 500, 7)]
    each = [cells(narrowed(frame, define=[{"name": "한 곳", "near": point}]), "한 곳") for point in points]
    assert cells(found, "거리") == pytest.approx(np.min(np.array(each, dtype=float), axis=0), abs=1e-9)


@pytest.mark.parametrize(
    ("definition", "path", "words"),
    [
        ({"name": "사망", "sum_of": ["중상"]}, "define[0].name", "`사망` 열이 이미 있습니다"),
        ({"name": " ", "sum_of": ["중상"]}, "define[0].name", "이름이 필요합니다"),
        ({"name": "합"}, "define[0]", "가운데 하나가 필요합니다. 지금은 0개"),
        ({"name": "합", "sum_of": ["중상"], "near": {}}, "define[0]", "지금은 2개"),
        ({"name": "합", "sum_of": ["중상", "구분"]}, "define[0].sum_of[1]", "더할 수 없습니다"),
        ({"name": "합", "sum_of": ["중상", "코드"]}, "define[0].sum_of[1]", "더할 수 없습니다"),
        ({"name": "합", "sum_of": ["중상", "사망자"]}, "define[0].sum_of[1]", "열이 없습니다"),
        ({"name": "합", "sum_of": ["중상", "중상"]}, "define[0].sum_of", "두 번 더할 수 없습니다"),
        ({"name": "밤", "where": [{"column": "일시:시", "value": "밤"}]}, "define[0].where[0].value", "숫자로"),
        ({"name": "거리", "near": {}}, "define[0].near", "위도와 경도, 또는 조건"),
        ({"name": "거리", "near": {"latitude": 35}}, "define[0].near", "위도와 경도, 또는 조건"),
        (
            {"name": "거리", "near": {"where": [{"column": "구분", "value": "역"}]}},
            "define[0].near",
            "위치가 있는 행이 없어",
        ),
        ({"name": "거리", "near": {"where": [{"column": "구"}]}}, "define[0].near.where[0].column", "열이 없습니다"),
    ],
)
def test_definition_that_does_not_fit_is_refused_where_it_is(definition: dict[str, Any], path: str, words: str) -> None:
    said_path, message = refused(FRAME, define=[definition])
    assert said_path == path
    assert words in message


def test_distance_needs_positions() -> None:
    path, message = refused(frame_of({"수": [1]}), define=[{"name": "거리", "near": {"latitude": 1, "longitude": 1}}])
    assert (path, "위도와 경도 열이 없어" in message) == ("define[0].near", True)


def test_same_name_may_mean_something_else_in_the_next_question() -> None:
    other = {"name": "야간", "sum_of": ["사망", "중상"]}
    assert cells(narrowed(FRAME, ["야간:2"], define=[other]), "야간:2") == ["2~3", "0~1", None, None]
    third = {"name": "야간", "sum_of": ["중상"]}
    assert cells(narrowed(FRAME, ["야간:2"], define=[third]), "야간:2") == ["2~3", "0~1", "2~3", None]
    assert defined(NIGHT) == [True, False, True, False]
