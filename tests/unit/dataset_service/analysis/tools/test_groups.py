from typing import Any

import pytest

from dataset_service.analysis import Chart
from scripts.benchmarks.frames import large_frame
from tests.unit.dataset_service.analysis.checking import checked, column_of, facts, refusal
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "구": ["중구", "동구", None, "중구", "동구", "중구", "남구"],
        "값": [1, 4, 9, 2, None, 6, 5],
        "실수": [0.5, float("inf"), 1.0, 1.5, 2.5, None, -1.0],
        "연령": ["10세", "20세", "30세", "모름", "40세", "50세", None],
        "일시": dates("2019-01-03", "2019-01-01", None, "2019-01-05", "2019-01-02", "2019-01-04", "2019-01-06"),
        "야간": [True, False, True, True, None, False, True],
        "글자": list("가나다라마바사"),
    }
)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("sum", {"중구": 9, "남구": 5, "동구": 4}),
        ("mean", {"남구": 5.0, "동구": 4.0, "중구": 3.0}),
        ("count", {"중구": 3, "남구": 1, "동구": 1}),
        ("min", {"남구": 5, "동구": 4, "중구": 1}),
        ("max", {"중구": 6, "남구": 5, "동구": 4}),
        ("median", {"남구": 5.0, "동구": 4.0, "중구": 2.0}),
        ("std", {"중구": pytest.approx(7**0.5), "남구": None, "동구": None}),
    ],
)
def test_values_are_worked_out_by_group_highest_first(operation: str, expected: dict[str, float]) -> None:
    result = checked("group_by_aggregate", FRAME, group_column="구", agg_column="값", operation=operation)
    assert facts(result) == expected
    assert list(facts(result)) == list(expected)
    assert (result.rows_used, result.rows_missing) == (6, 1)


def test_every_group_says_on_how_many_rows_it_rests() -> None:
    result = checked("group_by_aggregate", FRAME, group_column="구", agg_column="값", operation="mean")
    assert result.table.columns == ("구", "값 평균", "값 건수", "건수")
    assert column_of(result, "값 건수") == [1, 1, 3]
    assert column_of(result, "건수") == [1, 2, 3]
    assert "가장 큰 묶음은 `남구` (5, 1건)입니다. 가장 작은 묶음은 `중구` (3, 3건)입니다." in result.text
    assert result.text.endswith("근거: 전체 7행 중 6행 (결측 1행 제외, `값` 값이 없는 1행은 그 열의 계산에서만 제외).")
    assert result.chart == Chart("bar", "구", "값 평균")


def test_count_takes_words_too() -> None:
    result = checked("group_by_aggregate", FRAME, group_column="구", agg_column="글자", operation="count")
    assert facts(result) == {"중구": 3, "동구": 2, "남구": 1}


def test_infinities_are_left_out_and_said() -> None:
    result = checked("group_by_aggregate", FRAME, group_column="구", agg_column="실수", operation="mean")
    assert facts(result) == {"동구": 2.5, "중구": 1.0, "남구": -1.0}
    assert "무한대 1행 제외" in result.text


def test_numbers_in_text_and_booleans_are_worked_out() -> None:
    ages = checked("group_by_aggregate", FRAME, group_column="구", agg_column="연령", operation="mean")
    assert facts(ages) == {"중구": 30.0, "동구": 30.0, "남구": None}
    night = checked("group_by_aggregate", FRAME, group_column="구", agg_column="야간", operation="mean")
    assert facts(night) == {"남구": 1.0, "중구": pytest.approx(2 / 3), "동구": 0.0}


def test_dates_have_a_first_and_a_last_one_by_group() -> None:
    last = checked("group_by_aggregate", FRAME, group_column="구", agg_column="일시", operation="max")
    assert facts(last) == {"남구": "2019-01-06", "중구": "2019-01-05", "동구": "2019-01-02"}
    first = checked("group_by_aggregate", FRAME, group_column="구", agg_column="일시", operation="min")
    assert facts(first)["중구"] == "2019-01-03"


def test_groups_of_dates_are_a_line_in_their_order() -> None:
    result = checked("group_by_aggregate", FRAME, group_column="일시", agg_column="값", operation="sum")
    assert column_of(result, "일시") == [f"2019-01-0{day}" for day in range(1, 7)]
    assert result.chart
    assert result.chart.kind == "line"


@pytest.mark.parametrize(
    ("column", "operation", "fitting"),
    [
        ("글자", "mean", "건수(count), 서로 다른 값(unique)"),
        ("글자", "max", "건수(count), 서로 다른 값(unique)"),
        ("일시", "mean", "건수(count), 최소(min), 최대(max), 서로 다른 값(unique)"),
        ("일시", "sum", "건수(count), 최소(min), 최대(max), 서로 다른 값(unique)"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_with_what_can(column: str, operation: str, fitting: str) -> None:
    said = refusal("group_by_aggregate", FRAME, group_column="구", agg_column=column, operation=operation)
    assert "계산을 할 수 없습니다." in said
    assert f"‘계산’에서 이 열에 쓸 수 있는 것: {fitting}. " in said
    assert "숫자 열: `값`, `실수`, `연령`" in said


def test_sum_of_whole_numbers_is_exact_and_never_wraps() -> None:
    frame = frame_of({"구": ["가", "가", "나", "나"], "값": [2**53, 1, 2**63 - 1, 2**63 - 1]})
    sums = facts(checked("group_by_aggregate", frame, group_column="구", agg_column="값", operation="sum"))
    assert sums["나"] == pytest.approx(1.8446744e19)
    small = frame_of({"구": ["가", "가", "나"], "값": [2**53, 1, 5]})
    exact = facts(checked("group_by_aggregate", small, group_column="구", agg_column="값", operation="sum"))
    assert exact == {"가": 2**53 + 1, "나": 5}


def test_groups_like_an_id_are_cut_and_that_is_said() -> None:
    frame = frame_of(
        {"번호": [f"{number:04}" for number in range(1000)], "값": [number % 500 for number in range(1000)]}
    )
    result = checked("group_by_aggregate", frame, group_column="번호", agg_column="값", operation="sum")
    assert (len(result.table.rows), result.table.total_rows) == (200, 1000)
    assert result.table.rows[:3] == (("0499", 499, 1), ("0999", 499, 1), ("0498", 498, 1))
    assert "1,000개 묶음 중 200개 묶음만" in result.text


def test_group_and_value_may_be_the_same_column() -> None:
    result = checked("group_by_aggregate", FRAME, group_column="값", agg_column="값", operation="mean")
    assert facts(result)[9] == 9.0


def test_headers_that_would_be_equal_are_told_apart() -> None:
    frame = frame_of({"건수": ["가", "나"], "값": [1, 2]})
    result = checked("group_by_aggregate", frame, group_column="건수", agg_column="값", operation="sum")
    assert result.table.columns == ("건수", "값 합계", "건수 (2)")


@pytest.mark.parametrize("operation", ["sum", "mean", "count", "min", "max", "median", "std"])
@pytest.mark.parametrize(
    ("group", "column"), [("분류 5", "위도"), ("정수 1", "정수 3"), ("위도", "정수 5"), ("사고일시", "야간")]
)
def test_many_groups_agree_with_pandas(group: str, column: str, operation: str) -> None:
    checked("group_by_aggregate", large_frame(4000), group_column=group, agg_column=column, operation=operation)


def test_two_columns_and_several_measures_are_worked_out_at_once() -> None:
    result = checked(
        "group_by_aggregate",
        FRAME,
        group_column="구",
        second_group_column="야간",
        operation="count",
        measures=[{"measure": "percentile", "column": "값", "percentile": 90}, {"measure": "share"}],
    )
    assert result.table.columns == ("구", "야간", "건수", "값 90백분위수", "비율(%)", "값 건수")
    assert result.table.rows[0][:3] == ("중구", True, 2)
    assert result.table.rows[0][3] == pytest.approx(1.9)
    assert result.question
    assert result.question.groups == ("구", "야간")


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        ({}, ("중구", 3)),
        ({"ascending": True}, ("남구", 1)),
        ({"operation": "share", "top_n": 1}, ("중구", 50.0)),
        ({"operation": "rate", "agg_column": "값", "times": 1}, ("남구", 5.0)),
        ({"operation": "rate", "agg_column": "값", "per": "실수", "times": 10}, ("중구", pytest.approx(15.0))),
        ({"operation": "percentile", "agg_column": "값", "percentile": 50}, ("남구", 5.0)),
        ({"operation": "unique", "agg_column": "글자"}, ("중구", 3)),
        ({"measures": [{"measure": "max", "column": "값"}, {"measure": "count"}]}, ("중구", 6)),
    ],
)
def test_rows_are_counted_and_what_else_is_asked_is_worked_out(
    arguments: dict[str, Any], first: tuple[Any, ...]
) -> None:
    result = checked("group_by_aggregate", FRAME, group_column="구", **arguments)
    assert result.table.rows[0][:2] == first
    assert len(result.table.rows) == arguments.get("top_n", 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"agg_column": "값"}, "`operation` 인자가 필요합니다."),
        ({"operation": "percentile", "agg_column": "값"}, "백분위(percentile)"),
        ({"operation": "mean"}, "열(column)이 필요합니다."),
        ({"second_group_column": "구"}, "두 번 묶을 수 없습니다."),
    ],
)
def test_what_lacks_for_a_measure_is_said(arguments: dict[str, Any], said: str) -> None:
    assert said in refusal("group_by_aggregate", FRAME, group_column="구", **arguments)
