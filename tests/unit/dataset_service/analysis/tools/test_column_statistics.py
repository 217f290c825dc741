import pytest

from dataset_service.analysis import Chart
from tests.unit.dataset_service.analysis.checking import checked, facts
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of


def test_numbers_are_summed_up() -> None:
    result = checked("get_column_statistics", frame_of({"값": [1, 2, 2, 5, None]}), column="값")
    assert facts(result) == {
        "값 있음": 4,
        "결측": 1,
        "서로 다른 값": 3,
        "합계": 10,
        "평균": 2.5,
        "표준편차": pytest.approx(3**0.5),
        "최소": 1,
        "25%": 1.75,
        "중앙값": 2.0,
        "75%": 2.75,
        "최대": 5,
    }
    assert (result.rows_used, result.rows_missing) == (4, 1)
    assert result.chart == Chart("box", "통계", "값")


def test_sum_of_whole_numbers_is_exact() -> None:
    values = [2**53 + 1, 1, 1]
    assert facts(checked("get_column_statistics", frame_of({"값": values}), column="값"))["합계"] == 2**53 + 3


def test_sum_beyond_int64_is_a_number_and_not_a_wrapped_one() -> None:
    statistics = facts(checked("get_column_statistics", frame_of({"값": [2**63 - 1, 2**63 - 1]}), column="값"))
    assert statistics["합계"] == pytest.approx(1.8446744e19)
    assert statistics["최대"] == 2**63 - 1


def test_infinities_are_left_out_and_said() -> None:
    frame = frame_of({"값": [1.0, float("inf"), 3.0, float("-inf"), None]})
    result = checked("get_column_statistics", frame, column="값")
    assert (facts(result)["평균"], facts(result)["서로 다른 값"]) == (2.0, 2)
    assert (result.rows_used, result.rows_missing) == (2, 1)
    assert "무한대 2행 제외" in result.text


def test_single_value_has_no_spread() -> None:
    result = checked("get_column_statistics", frame_of({"값": [7]}), column="값")
    assert (facts(result)["표준편차"], facts(result)["중앙값"], result.chart) == (None, 7.0, None)


def test_column_without_values_says_so() -> None:
    result = checked("get_column_statistics", frame_of({"값": [float("nan")] * 3}), column="값")
    assert (facts(result)["값 있음"], facts(result)["평균"]) == (0, None)
    assert "계산할 숫자가 하나도 없습니다." in result.text


def test_numbers_in_text_are_read_and_the_rest_is_said() -> None:
    frame = frame_of({"연령": ["24세", "36세", "기타불명", None, "90세 이상"]})
    result = checked("get_column_statistics", frame, column="연령")
    assert (facts(result)["평균"], facts(result)["최대"], result.rows_used, result.rows_missing) == (50.0, 90.0, 3, 1)
    assert "숫자로 읽히지 않는 글자 1행 제외" in result.text


def test_text_has_its_most_frequent_value() -> None:
    result = checked("get_column_statistics", frame_of({"글": ["나", "가", "나", "다", None]}), column="글")
    assert facts(result) == {
        "값 있음": 4,
        "결측": 1,
        "서로 다른 값": 3,
        "한 번만 나온 값": 2,
        "최빈값": "나",
        "최빈값 건수": 2,
        "최빈값 비율(%)": 50.0,
    }


@pytest.mark.parametrize(
    "values", [dates("2019-03-05T13:00", None, "2019-01-01T00:00"), ["2019년 3월 5일 13시", None, "2019-01-01 00"]]
)
def test_dates_have_a_first_and_a_last_one(values: list[object]) -> None:
    assert facts(checked("get_column_statistics", frame_of({"일시": values}), column="일시")) == {
        "값 있음": 2,
        "결측": 1,
        "서로 다른 값": 2,
        "처음": "2019-01-01 00:00",
        "마지막": "2019-03-05 13:00",
        "기간(일)": 64,
    }


def test_booleans_have_a_share() -> None:
    result = checked("get_column_statistics", frame_of({"야간": [True, None, False, True]}), column="야간")
    assert facts(result) == {"값 있음": 3, "결측": 1, "참": 2, "거짓": 1, "참 비율(%)": pytest.approx(200 / 3)}
