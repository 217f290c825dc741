from typing import Any

import pytest

from dataset_service.analysis import Chart, run
from scripts.benchmarks.frames import large_frame
from tests.unit.dataset_service.analysis.checking import checked, column_of, refusal
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "요일": ["월요일", "일요일", "화요일", "월요일", None, "월요일"],
        "유형": ["차대차", "차대차", "단독", "단독", "차대차", None],
        "값": [10, 2, 2, 10, 2, 2],
        "일시": dates("2019-01-02", "2019-01-01", "2019-01-02", None, "2019-01-01", "2019-01-01"),
        "야간": [True, False, True, True, False, None],
    }
)


def test_pairs_of_values_are_counted_weekdays_in_their_order() -> None:
    result = checked("cross_tabulation", FRAME, row_column="요일", col_column="유형")
    assert result.table.columns == ("요일", "단독", "차대차")
    assert result.table.rows == (("월요일", 1, 1), ("화요일", 1, 0), ("일요일", 0, 1))
    assert (result.rows_used, result.rows_missing) == (4, 2)
    assert result.chart == Chart("heatmap", "요일", "")


def test_shares_are_of_each_row() -> None:
    result = checked("cross_tabulation", FRAME, row_column="요일", col_column="유형", normalize=True)
    assert result.table.rows == (("월요일", 50.0, 50.0), ("화요일", 100.0, 0.0), ("일요일", 0.0, 100.0))
    assert "각 행의 합" in result.text


def test_numbers_and_dates_are_in_their_order_as_headers_too() -> None:
    numbers = checked("cross_tabulation", FRAME, row_column="유형", col_column="값")
    assert numbers.table.columns == ("유형", "2", "10")
    days = checked("cross_tabulation", FRAME, row_column="값", col_column="일시")
    assert days.table.columns == ("값", "2019-01-01", "2019-01-02")
    assert column_of(days, "값") == [2, 10]
    night = checked("cross_tabulation", FRAME, row_column="야간", col_column="요일")
    assert column_of(night, "야간") == [False, True]


def test_column_with_itself_is_refused() -> None:
    assert "‘값별 건수’" in refusal("cross_tabulation", FRAME, row_column="요일", col_column="요일")


def test_columns_without_a_common_row_are_said_to_have_none() -> None:
    frame = frame_of({"가": ["x", None], "나": [None, "y"]})
    result = checked("cross_tabulation", frame, row_column="가", col_column="나")
    assert "함께 값이 있는 행이 없습니다" in result.text
    assert result.chart is None


def test_columns_like_ids_are_cut_and_what_is_left_out_is_said() -> None:
    frame = large_frame(20_000)
    result = run("cross_tabulation", frame, {"row_column": "관리번호", "col_column": "사고번호"})
    assert (len(result.table.rows), len(result.table.columns), result.table.total_rows) == (50, 21, 20_000)
    assert "`관리번호` 20,000개 값 중 50개, `사고번호` 20,000개 값 중 20개" in result.text
    assert "표에서 빠진 행은" in result.text
    assert len(result.text) < 6000


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize(
    ("down", "across"), [("분류 4", "분류 5"), ("분류 6", "요일"), ("정수 2", "분류 1"), ("요일", "관리번호")]
)
def test_cut_tables_agree_with_pandas(down: str, across: str, normalize: bool) -> None:
    checked("cross_tabulation", large_frame(3000), row_column=down, col_column=across, normalize=normalize)


def test_value_named_as_the_row_column_is_told_apart() -> None:
    result = checked("cross_tabulation", frame_of({"가": ["x"], "나": ["가"]}), row_column="가", col_column="나")
    assert result.table.columns == ("가 (행)", "가")


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        ({"operation": "mean"}, (("월요일", 10.0, 10.0), ("화요일", 2.0, None), ("일요일", None, 2.0))),
        ({"operation": "sum"}, (("월요일", 10, 10), ("화요일", 2, None), ("일요일", None, 2))),
        ({"operation": "sum", "normalize": True}, (("월요일", 50, 50), ("화요일", 100, 0), ("일요일", 0, 100))),
        ({"operation": "rate"}, (("월요일", 1000.0, 1000.0), ("화요일", 200.0, None), ("일요일", None, 200.0))),
    ],
)
def test_another_column_is_worked_out_of_each_pair(arguments: dict[str, Any], rows: tuple[Any, ...]) -> None:
    result = checked("cross_tabulation", FRAME, row_column="요일", col_column="유형", value_column="값", **arguments)
    assert result.table.rows == rows


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"value_column": "값"}, "함께 적어주세요"),
        ({"operation": "mean"}, "함께 적어주세요"),
        ({"value_column": "값", "operation": "mean", "normalize": True}, "합계(sum)일 때만"),
    ],
)
def test_half_of_a_measure_of_pairs_is_refused(arguments: dict[str, Any], said: str) -> None:
    assert said in refusal("cross_tabulation", FRAME, row_column="요일", col_column="유형", **arguments)
