import pytest

from tests.unit.dataset_service.analysis.checking import checked, column_of, refusal
from tests.unit.dataset_service.analysis.sample_frames import frame_of

FRAME = frame_of(
    {
        "번호": list(range(9)),
        "값": [1.0, 2.0, 3.0, 4.0, 5.0, 100.0, -80.0, None, float("inf")],
        "글자": list("가나다라마바사아자"),
        "연령": ["10세", "20세", "30세", "40세", None, "모름", "10세", "20세", "99세"],
    }
)


@pytest.mark.parametrize(
    ("percentile", "value"), [(0, -80.0), (50, 3.0), (100, 100.0), (75, 4.5), (90, 43.0), ("50", 3.0)]
)
def test_percentile_lies_between_the_values(percentile: float, value: float) -> None:
    result = checked("calculate_percentile", FRAME, column="값", percentile=percentile)
    assert column_of(result, "백분위") == [float(percentile)]
    assert column_of(result, "값") == pytest.approx([value])
    assert (result.rows_used, result.rows_missing) == (7, 1)
    assert "무한대 1행 제외" in result.text


def test_percentile_of_numbers_in_text_is_found() -> None:
    result = checked("calculate_percentile", FRAME, column="연령", percentile=50)
    assert column_of(result, "값") == [20.0]


def test_percentile_of_words_is_refused_with_the_number_columns() -> None:
    said = refusal("calculate_percentile", FRAME, column="글자", percentile=50)
    assert said == "`글자` 열은 글자 열이라 백분위를 구할 수 없습니다. 숫자 열: `번호`, `값`, `연령`"


def test_outliers_lie_outside_the_quartiles_farthest_first() -> None:
    # Of -80, 1, 2, 3, 4, 5, 100 the quartiles are 1.5 and 4.5: what is below -3 or above 9 lies outside.
    result = checked("get_outliers", FRAME, column="값")
    assert column_of(result, "값") == [100.0, -80.0]
    assert "-3보다 작은 값 1행" in result.text
    assert "9보다 큰 값 1행" in result.text
    assert "IQR 3" in result.text
    assert (result.rows_used, result.rows_missing) == (7, 1)


def test_wider_bounds_leave_fewer_outliers() -> None:
    assert column_of(checked("get_outliers", FRAME, column="값", multiplier=30), "값") == [100.0]
    assert column_of(checked("get_outliers", FRAME, column="값", multiplier=50), "값") == []


def test_values_that_are_mostly_equal_come_with_a_warning() -> None:
    result = checked("get_outliers", frame_of({"값": [1] * 9 + [2]}), column="값")
    assert column_of(result, "값") == [2]
    assert "값의 절반 이상이 같은 값" in result.text


def test_outliers_without_numbers_are_none() -> None:
    result = checked("get_outliers", frame_of({"값": [float("nan"), None]}), column="값")
    assert column_of(result, "값") == []
    assert "계산할 숫자가 하나도 없습니다" in result.text


def test_bound_of_outliers_must_be_positive() -> None:
    assert "0 초과여야" in refusal("get_outliers", FRAME, column="값", multiplier=0)


def test_percentile_may_be_asked_of_every_group() -> None:
    frame = frame_of({"구": ["가", "나", "가", None], "값": [1, 5, 3, 9]})
    result = checked("calculate_percentile", frame, column="값", percentile=50, group_column="구")
    assert result.table.columns == ("구", "값 50백분위수", "건수")
    assert result.table.rows == (("나", 5.0, 1), ("가", 2.0, 2))
