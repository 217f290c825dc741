"""Every tool on frames at the edge: it answers, with code that agrees, or refuses in words."""

import itertools
import unicodedata
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from dataset_service.analysis import catalogue, run
from dataset_service.analysis.frame.frames import Frame
from servicekit.errors import ToolRefused
from tests.unit.dataset_service.analysis.checking import checked
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

NOTHING = {
    "정수": pa.array([], pa.int64()),
    "실수": pa.array([], pa.float64()),
    "글자": pa.array([], pa.string()),
    "날짜": pa.array([], pa.timestamp("ms")),
    "참거짓": pa.array([], pa.bool_()),
}
FRAMES: dict[str, Frame] = {
    "no rows": frame_of(NOTHING),
    "no columns": Frame(pa.table({})),
    "all missing": frame_of({name: pa.nulls(3, values.type) for name, values in NOTHING.items()}),
    "single row": frame_of(
        {"정수": [5], "실수": [1.5], "글자": ["가"], "날짜": dates("2019-03-05T13:00"), "참거짓": [True]}
    ),
    "constants": frame_of(
        {
            "정수": [5] * 4,
            "실수": [0.1] * 4,
            "글자": ["가"] * 4,
            "날짜": dates(*["2019-03-05"] * 4),
            "참거짓": [False] * 4,
        }
    ),
    "infinities": frame_of(
        {
            "실수": [float("inf"), 1.5, None, -2.5, float("-inf"), 1.5],
            "정수": [1, 2, 3, 4, None, 6],
            "글자": list("가나다라마바"),
        }
    ),
    "only infinities": frame_of({"실수": [float("inf"), float("-inf")], "정수": [1, 2]}),
    "huge integers": frame_of(
        {"정수": [2**63 - 1, -(2**63), 2**62, 2**62, None], "작은 수": [1, 2, 3, 4, 5], "글자": list("가나가나가")}
    ),
    "huge numbers": frame_of({"실수": [1e100, -1e100, 1e100, 1e-100], "정수": [1, 2, 3, 4]}),
    "numbers and words": frame_of(
        {"연령": ["24세", "기타불명", "65세", None, "90세 이상", "7세"], "값": [1, 2, 3, 4, 5, 6]}
    ),
    "dates and words": frame_of(
        {
            "일시": ["2016년 1월 1일 01시", "2019-01-01 00", None, "모름", "2020. 2. 29. 23:59", "2019-02-30"],
            "값": [1, 2, 3, 4, 5, 6],
        }
    ),
    "booleans": frame_of(
        {"야간": [True, None, False, True], "값": [1.0, 2.0, None, 4.0], "다른 참거짓": [True, False, None, True]}
    ),
    "weekdays and hours": frame_of(
        {
            "요일": ["월", "화", None, "일", "월"],
            "시간": [0, 23, 23, None, 5],
            "월": [1, 12, 12, 3, 3],
            "운영시각": ["08:00", "23:59", "휴무", None, "0:05"],
        }
    ),
    "headers of the tables": frame_of(
        {"값": ["가", "나", "가"], "건수": [1, 2, 3], "열": [3.5, 2.5, None], "비율(%)": ["x", None, "x"]}
    ),
    "odd names": frame_of(
        {
            "a'b\"c": ["(", "\\d+", "(", None],
            "두\n줄": [1, 2, 3, 4],
            "": [1.5, None, 2.5, 3.5],
            "{curly} %s \\": [4, 3, 2, 1],
            unicodedata.normalize("NFD", "사고유형"): [
                unicodedata.normalize("NFD", "차대차"),
                "차대차",
                "차대사람",
                None,
            ],
        }
    ),
    "old and far dates": frame_of(
        {"날짜": dates("1919-03-01", "9999-12-31T23:59:59", None, "1969-12-31T23:00"), "값": [1, 2, 3, 4]}
    ),
    "positions": frame_of({"위도": [35.8, 35.9, None, 0.0], "경도": [128.5, 128.6, 128.7, 0.0], "값": [1, 2, 3, 4]}),
    "swapped positions": frame_of({"위도": [128.5, 128.6], "경도": [35.8, 35.9]}),
    "positions apart": frame_of({"가": [35.8, None], "나": [None, 128.5]}),
}
MANY_CALLS = {"filter_dataframe", "group_by_aggregate", "cross_tabulation", "get_sample_rows"}
ONE_OF_MANY = 9
"""Running pandas takes longer than the tool: of the tools with many calls, the code of one in so many is run."""
VALUES: tuple[Any, ...] = ("가", "(", 5, True, "2019", 10**400)


def calls(frame: Frame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every tool with every column, every pair of columns, and values of every kind."""
    names = list(frame.columns)
    pairs = list(itertools.product(names, repeat=2))
    for tool in catalogue():
        fields = set(tool.arguments.model_fields)
        if tool.name == "filter_dataframe":
            signs = ("==", "!=", ">", "<", ">=", "<=", "contains")
            for name, sign, value in itertools.product(names, signs, VALUES):
                yield tool.name, {"column": name, "operator": sign, "value": value}
        elif tool.name == "get_sample_rows":
            yield tool.name, {}
            yield from ((tool.name, {"column": name, "value": value}) for name in names for value in VALUES)
        elif tool.name == "group_by_aggregate":
            for (group, column), operation in itertools.product(
                pairs, ("sum", "mean", "count", "min", "max", "median", "std")
            ):
                yield tool.name, {"group_column": group, "agg_column": column, "operation": operation}
        elif tool.name == "cross_tabulation":
            for (row, column), normalize in itertools.product(pairs, (False, True)):
                yield tool.name, {"row_column": row, "col_column": column, "normalize": normalize}
        elif tool.name == "sort_dataframe":
            yield from ((tool.name, {"column": name, "ascending": up}) for name in names for up in (True, False))
        elif tool.name == "calculate_percentile":
            yield from ((tool.name, {"column": name, "percentile": 37.5}) for name in names)
        elif fields & {"column", "target_column"}:
            yield from ((tool.name, {next(iter(fields & {"column", "target_column"})): name}) for name in names)
        else:
            yield tool.name, {}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", FRAMES)
def test_every_tool_answers_or_refuses_in_words(kind: str) -> None:
    frame = FRAMES[kind]
    answered = 0
    for number, (name, arguments) in enumerate(calls(frame)):
        refused = refusal_of(name, frame, arguments)
        if refused is not None:
            assert any("가" <= sign <= "힣" for sign in refused), refused
            continue
        answered += 1
        if name not in MANY_CALLS or number % ONE_OF_MANY == 0:
            checked(name, frame, **arguments)
    assert answered


def refusal_of(name: str, frame: Frame, arguments: dict[str, Any]) -> str | None:
    """Returns what the tool says when it refuses."""
    try:
        run(name, frame, arguments)
    except ToolRefused as refused:
        return refused.message
    return None
