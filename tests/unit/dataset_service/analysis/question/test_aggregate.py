"""What measures of groups are worth, and that the code of an answer gives its table."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_service.analysis.frame.column import Cell
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.aggregate import Aggregate, aggregate
from dataset_service.analysis.result import Chart
from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.reading import ColumnReading
from servicekit.errors import ToolRefused
from servicekit.question import Question
from tests.unit.dataset_service.analysis.checking import assert_same_table, run_code
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "구": ["중구", "동구", None, "중구", "동구", "중구", "남구"],
        "요일": ["화", "월", "월", "일", "화", "화", "월"],
        "값": [1, 4, 9, 2, None, 6, 5],
        "건수 열": [10, 20, 30, 40, 50, 0, 0],
        "실수": [0.5, float("inf"), 1.0, 1.5, 2.5, None, -1.0],
        "연령": ["10세", "20세", "30세", "모름", "40세", "50세", None],
        "일시": dates("2019-01-03", "2019-01-01", None, "2019-01-05", "2019-01-02", "2020-01-04", "2020-01-06"),
        "야간": [True, False, True, True, None, False, True],
        "연도": [2019, 2020, 2019, 2020, 2019, 2019, None],
        "요금": [100, 200, 300, 400, 500, 600, 700],
    },
    연도=ColumnReading(meaning=Meaning.YEAR),
    요금=ColumnReading(meaning=Meaning.MONEY, unit="원"),
)


def asked(frame: Frame = FRAME, **parts: Any) -> Aggregate:
    """Returns the answer to a question; its code, run on the frame, gave the same table."""
    found = aggregate(frame, Question.model_validate(parts))
    assert_same_table(run_code(found.code, frame), found.table.columns, found.table.rows, found.code)
    assert found.rows_used + found.rows_missing == found.rows_matched
    return found


def refused(**parts: Any) -> ToolRefused:
    with pytest.raises(ToolRefused) as caught:
        aggregate(FRAME, Question.model_validate(parts))
    return caught.value


@pytest.mark.parametrize(
    ("measure", "header", "expected"),
    [
        ({}, "건수", {"중구": 3, "동구": 2, "남구": 1}),
        ({"measure": "count", "column": "값"}, "값 건수", {"중구": 3, "남구": 1, "동구": 1}),
        ({"measure": "share"}, "비율(%)", {"중구": 50.0, "동구": 100 / 3, "남구": 100 / 6}),
        ({"measure": "share", "column": "값"}, "값 비율(%)", {"중구": 50.0, "남구": 250 / 9, "동구": 200 / 9}),
        ({"measure": "sum", "column": "값"}, "값 합계", {"중구": 9, "남구": 5, "동구": 4}),
        ({"measure": "mean", "column": "값"}, "값 평균", {"남구": 5.0, "동구": 4.0, "중구": 3.0}),
        ({"measure": "median", "column": "값"}, "값 중앙값", {"남구": 5.0, "동구": 4.0, "중구": 2.0}),
        (
            {"measure": "percentile", "column": "값", "percentile": 90},
            "값 90백분위수",
            {"중구": 5.2, "남구": 5.0, "동구": 4.0},
        ),
        ({"measure": "min", "column": "값"}, "값 최소", {"남구": 5, "동구": 4, "중구": 1}),
        ({"measure": "max", "column": "일시"}, "일시 최대",
         {"남구": "2020-01-06", "중구": "2020-01-04", "동구": "2019-01-02"}),
        ({"measure": "std", "column": "값"}, "값 표준편차", {"중구": 7**0.5, "남구": None, "동구": None}),
        ({"measure": "unique", "column": "요일"}, "요일 서로 다른 값", {"동구": 2, "중구": 2, "남구": 1}),
        ({"measure": "mean", "column": "실수"}, "실수 평균", {"동구": 2.5, "중구": 1.0, "남구": -1.0}),
        ({"measure": "mean", "column": "연령"}, "연령 평균", {"동구": 30.0, "중구": 30.0, "남구": None}),
        ({"measure": "mean", "column": "야간"}, "야간 평균", {"남구": 1.0, "중구": 2 / 3, "동구": 0.0}),
        ({"measure": "rate", "column": "야간"}, "야간 비율(%)", {"남구": 100.0, "중구": 200 / 3, "동구": 0.0}),
        ({"measure": "rate", "column": "값", "times": 1}, "건당 값", {"남구": 5.0, "동구": 4.0, "중구": 3.0}),
        (
            {"measure": "rate", "column": "값", "per": "건수 열", "times": 1000},
            "건수 열 1,000당 값",
            {"동구": 200.0, "중구": 180.0, "남구": None},
        ),
        ({"measure": "sum", "column": "요금"}, "요금 합계(원)", {"중구": 1100, "남구": 700, "동구": 700}),
        ({"measure": "sum", "column": "값", "name": "모두"}, "모두", {"중구": 9, "남구": 5, "동구": 4}),
    ],
)  # fmt: skip
def test_measure_of_each_group_greatest_first(measure: dict[str, Any], header: str, expected: dict[str, Cell]) -> None:
    found = asked(groups=["구"], measures=[measure])
    assert found.table.columns == ("구", header)
    assert [row[0] for row in found.table.rows] == list(expected)
    assert [row[1] for row in found.table.rows] == [pytest.approx(value) for value in expected.values()]
    assert (found.rows_matched, found.rows_used, found.rows_missing) == (7, 6, 1)
    assert found.chart == Chart("bar", "구", header)


def test_without_groups_all_rows_are_one() -> None:
    found = asked(
        measures=[{}, {"measure": "mean", "column": "값"}, {"measure": "share"}, {"measure": "rate", "column": "야간"}]
    )
    assert list(found.table.rows[0]) == pytest.approx([7, 4.5, 100.0, 200 / 3])
    assert found.text.startswith("`건수` 7건, `값 평균` 4.5, `비율(%)` 100%, `야간 비율(%)` 66.7%.")
    assert found.chart is None
    assert "`값` 값이 없는 1행은 그 열의 계산에서만 제외" in found.text


def test_conclusion_and_basis_are_in_words() -> None:
    found = asked(groups=["구"], measures=[{"measure": "mean", "column": "값"}, {}])
    assert found.text.startswith(
        "`값 평균` 값이 가장 큰 묶음은 `남구` (5, 1건)입니다. 가장 작은 묶음은 `중구` (3, 3건)입니다."
    )
    assert found.text.endswith("근거: 전체 7행 중 6행 (결측 1행 제외, `값` 값이 없는 1행은 그 열의 계산에서만 제외).")
    counted = asked(groups=["구"])
    assert counted.text.startswith(
        "`건수` 값이 가장 큰 묶음은 `중구` (3건)입니다. 가장 작은 묶음은 `남구` (1건)입니다."
    )


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        ({"groups": ["요일"]}, [("월", 3), ("화", 3), ("일", 1)]),
        ({"groups": ["연도"]}, [(2019, 4), (2020, 2)]),
        ({"groups": ["요일", "구"]},
         [("월", "남구", 1), ("월", "동구", 1), ("화", "중구", 2), ("화", "동구", 1), ("일", "중구", 1)]),
        ({"groups": ["구", "연도"]}, [("중구", 2019, 2), ("동구", 2019, 1), ("동구", 2020, 1), ("중구", 2020, 1)]),
        ({"groups": ["연도", "요일"]}, [(2019, "월", 1), (2019, "화", 3), (2020, "월", 1), (2020, "일", 1)]),
        ({"groups": ["구"], "sort": [{"column": "구"}]}, [("남구", 1), ("동구", 2), ("중구", 3)]),
        ({"groups": ["구"], "sort": [{"column": "구", "descending": True}]}, [("중구", 3), ("동구", 2), ("남구", 1)]),
        ({"groups": ["요일"], "sort": [{"column": "요일", "descending": True}]}, [("일", 1), ("화", 3), ("월", 3)]),
        ({"groups": ["구"], "sort": [{"column": "건수"}]}, [("남구", 1), ("동구", 2), ("중구", 3)]),
        ({"groups": ["요일", "야간"], "sort": [{"column": "건수", "descending": True}, {"column": "야간"}]},
         [("월", True, 2), ("월", False, 1), ("화", False, 1), ("화", True, 1), ("일", True, 1)]),
    ],
)  # fmt: skip
def test_groups_are_in_the_order_of_time_or_as_asked(parts: dict[str, Any], rows: list[tuple[Cell, ...]]) -> None:
    assert list(asked(**parts).table.rows) == rows


def test_dates_and_several_measures_stand_in_one_table() -> None:
    found = asked(
        groups=["일시"],
        measures=[{"measure": "max", "column": "값"}, {"measure": "sum", "column": "값", "name": "건수"}, {}],
    )
    assert found.table.columns == ("일시", "값 최대", "건수", "건수 (2)")
    assert found.table.rows[0] == ("2019-01-01", 4, 4, 1)
    assert found.chart == Chart("line", "일시", "값 최대")


@pytest.mark.parametrize(
    ("groups", "chart"),
    [
        (["구", "요일"], Chart("heatmap", "구", "건수", "요일")),
        (["구", "일시"], Chart("line", "일시", "건수", "구")),
        (["연도", "구"], Chart("line", "연도", "건수", "구")),
    ],
)
def test_chart_of_two_groups_has_a_series(groups: list[str], chart: Chart) -> None:
    assert asked(groups=groups).chart == chart


def test_what_a_table_lacks_is_said() -> None:
    frame = frame_of(
        {"번호": [f"{number:04}" for number in range(1000)], "값": [number % 500 for number in range(1000)]}
    )
    found = asked(frame, groups=["번호"], measures=[{"measure": "sum", "column": "값"}], limit=3)
    assert found.table.rows == (("0499", 499), ("0999", 499), ("0498", 498))
    assert found.table.total_rows == 1000
    assert "글의 표에는 1,000개 묶음 중 3개 묶음만 있습니다." in found.text
    assert asked(frame, groups=["번호"], limit=2).table.rows == (("0000", 1), ("0001", 1))


def test_groups_and_measures_are_of_the_rows_that_a_question_leaves() -> None:
    found = asked(
        groups=["야간", "일시:연도"],
        where=[{"column": "값", "operator": ">=", "value": 2}],
        measures=[{"measure": "max", "column": "값"}],
    )
    assert found.table.rows == ((False, 2019, 4), (True, 2019, 2), (False, 2020, 6), (True, 2020, 5))
    assert (found.rows_matched, found.rows_used, found.rows_missing) == (5, 4, 1)
    assert found.text.startswith("조건: `값` >= 2. 전체 7행 중 5행이 맞습니다.")
    assert "근거: 조건에 맞는 5행 중 4행 (결측 1행 제외)." in found.text


def test_derived_and_defined_columns_are_groups_like_others() -> None:
    frame = frame_of(
        {
            "시군구": ["대구광역시 중구", "대구광역시 서구", "서울특별시 중구", "대구광역시 중구", None],
            "나이": [5, 105, 15, 9, 15],
            "일시": dates("2019-01-07", "2019-02-06", "2019-01-08", "2020-01-06", "2019-01-13"),
        },
        시군구=ColumnReading(meaning=Meaning.REGION, kind="text"),
    )
    regions = asked(frame, groups=["시군구:시군구"], measures=[{}, {"measure": "share"}], region_codes=True)
    assert regions.table.columns == ("시군구:시군구", "지역 코드", "건수", "비율(%)")
    assert regions.table.rows[0] == ("대구광역시 중구", "27110", 2, 50.0)
    assert {row[1] for row in regions.table.rows} == {"27110", "27170", "11140"}
    assert asked(frame, groups=["시군구:시도", "나이:10"], region_codes=True).table.rows == (
        ("대구광역시", "0~9", "27", 2),
        ("서울특별시", "10~19", "11", 1),
        ("대구광역시", "100~109", "27", 1),
    )
    assert asked(frame, groups=["일시:요일"]).table.rows == (("월요일", 2), ("화요일", 1), ("수요일", 1), ("일요일", 1))
    latest = [{"column": "일시:year_quarter", "descending": True}]
    quarters = asked(frame, groups=["일시:year_quarter"], sort=latest).table
    assert (quarters.columns[0], *(row[0] for row in quarters.rows)) == ("일시:연분기", "2020-Q1", "2019-Q1")
    young = {"name": "어린이", "where": [{"column": "나이", "operator": "<", "value": 10}]}
    shares = asked(frame, define=[young], groups=["일시:연도"], measures=[{"measure": "rate", "column": "어린이"}])
    assert shares.table.rows == ((2019, 25.0), (2020, 100.0))


def test_nothing_is_left_and_that_is_said() -> None:
    nothing = [{"column": "값", "operator": ">", "value": 100}]
    measures = [
        {"measure": name, "column": "값"} for name in ("sum", "mean", "median", "min", "std", "unique", "rate", "share")
    ]
    assert asked(where=nothing, measures=[{}, *measures]).table.rows == ((0, *[None] * 5, 0, None, None),)
    grouped = asked(where=nothing, groups=["구", "요일"], measures=measures)
    assert (grouped.table.rows, grouped.chart) == ((), None)
    assert "묶을 값이 없습니다." in grouped.text
    first = [{"measure": "min", "column": "일시"}]
    assert asked(where=nothing, groups=["구"], measures=first).table.rows == ()
    assert asked(where=nothing, measures=first).table.rows == ((None,),)
    assert asked(frame_of({"ㄱ": []}), groups=["ㄱ"]).table.rows == ()


def test_sum_of_whole_numbers_is_exact_and_never_wraps() -> None:
    frame = frame_of({"구": ["가", "가", "나", "나"], "값": [2**53, 1, 2**63 - 1, 2**63 - 1]})
    measures = [{"measure": "sum", "column": "값"}]
    assert asked(frame, groups=["구"], measures=measures).table.rows[0] == ("나", 2.0**64)
    small = frame_of({"구": ["가", "가", "나"], "값": [2**53, 1, 5]})
    assert asked(small, groups=["구"], measures=measures).table.rows == (("가", 2**53 + 1), ("나", 5))


@pytest.mark.parametrize(
    ("parts", "path", "said"),
    [
        ({"groups": ["구", "구"]}, "groups[1]", "두 번 묶을 수 없습니다"),
        ({"groups": ["없음"]}, "groups[0]", "`없음` 열이 없습니다"),
        ({"measures": [{}, {"measure": "sum", "column": "구"}]}, "measures[1].column",
         "것: 건수(count), 서로 다른 값(unique). "),
        ({"measures": [{"measure": "mean", "column": "일시"}]}, "measures[0].column",
         "건수(count), 최소(min), 최대(max), 서로"),
        ({"measures": [{"measure": "mean", "column": "연도"}]}, "measures[0].column", "최소(min), 최대(max)"),
        ({"measures": [{"measure": "rate", "column": "값", "per": "구"}]}, "measures[0].per", "숫자 열: `값`"),
        ({"measures": [{"measure": "sum"}]}, "measures[0].column", "열(column)이 필요합니다"),
        ({"measures": [{"measure": "percentile", "column": "값"}]}, "measures[0].percentile", "0~100"),
        ({"measures": [{"measure": "sum", "column": "값", "per": "요금"}]}, "measures[0].per", "rate일 때만"),
        ({"groups": ["구"], "sort": [{"column": "값"}]}, "sort[0].column", "결과의 열: `구`, `건수`"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_refused_with_its_path(parts: dict[str, Any], path: str, said: str) -> None:
    refusal = refused(**parts)
    assert refusal.field == path
    assert said in refusal.message


_COLUMNS = {
    "글자": st.sampled_from(["가", "나", "다", None]),
    "정수": st.one_of(st.none(), st.integers(-3, 3)),
    "실수": st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), st.just(float("inf"))),
    "참거짓": st.one_of(st.none(), st.booleans()),
    "날짜": st.one_of(st.none(), st.integers(17000, 17900).map(lambda day: np.datetime64(day, "D").astype("M8[ms]"))),
    "연령": st.sampled_from([f"{age}세" for age in range(20)] + [None]),
}  # fmt: skip
_MEASURES = st.sampled_from(
    [{"measure": "count"}, {"measure": "share"}]
    + [
        {"measure": "rate", "column": one, "per": other}
        for one in ("정수", "실수")
        for other in ("연령", "참거짓", "정수")
    ]
    + [{"measure": "percentile", "column": one, "percentile": 30} for one in ("정수", "실수", "참거짓", "연령")]
    + [
        {"measure": name, "column": one}
        for name in ("min", "max", "unique", "count")
        for one in ("정수", "실수", "날짜", "연령")
    ]
    + [
        {"measure": name, "column": one}
        for name in ("sum", "mean", "median", "std", "share", "rate")
        for one in ("정수", "실수", "참거짓", "연령")
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.fixed_dictionaries(_COLUMNS), max_size=30),
    groups=st.lists(st.sampled_from(list(_COLUMNS)), max_size=2, unique=True),
    measures=st.lists(_MEASURES, min_size=1, max_size=4),
    limit=st.sampled_from([1, 3, 200]),
    has_condition=st.booleans(),
)
def test_code_gives_the_table_of_any_question(
    rows: list[dict[str, Any]], groups: list[str], measures: list[dict[str, Any]], limit: int, has_condition: bool
) -> None:
    first: dict[str, Any] = {
        "글자": "가",
        "정수": 1,
        "실수": 0.5,
        "참거짓": True,
        "날짜": np.datetime64("2019-01-01", "ms"),
        "연령": "1세",
    }
    frame = frame_of({name: [row[name] for row in [first, *rows]] for name in _COLUMNS})
    where = [{"column": "정수", "operator": ">=", "value": 0}] if has_condition else []
    asked(frame, groups=groups, measures=measures, limit=limit, where=where)
