import numpy as np
import pytest

from dataset_service.analysis import Chart
from dataset_service.analysis.tools.correlation import coefficient_text
from scripts.benchmarks.frames import large_frame
from tests.unit.dataset_service.analysis.checking import checked, column_of, refusal
from tests.unit.dataset_service.analysis.sample_frames import frame_of

FRAME = frame_of(
    {
        "가": [1, 2, 3, 4, None, 6],
        "두배": [2.0, 4.0, 6.0, 8.0, 99.0, 12.0],
        "거꾸로": [6, 5, 4, 3, 2, 1],
        "상수": [7] * 6,
        "가끔": [None, None, 1.0, None, 2.0, None],
        "글자": list("가나다라마바"),
        "야간": [True, False, True, False, True, False],
        "연령": ["10세", "20세", "모름", "40세", None, "60세"],
    }
)


def test_correlation_is_by_pairs_of_columns() -> None:
    result = checked("get_correlation", FRAME, columns=["가", "두배", "거꾸로", "연령"])
    assert result.table.columns == ("열", "가", "두배", "거꾸로", "연령")
    assert column_of(result, "가") == pytest.approx([1.0, 1.0, -1.0, 1.0])
    assert column_of(result, "두배")[2] == pytest.approx(np.corrcoef([2, 4, 6, 8, 99, 12], [6, 5, 4, 3, 2, 1])[0, 1])
    assert "열 쌍마다 쓴 행은 4~6행입니다." in result.text
    assert "원인인 것은 아닙니다" in result.text
    assert result.chart == Chart("heatmap", "열", "")


def test_without_names_all_number_columns_are_compared() -> None:
    result = checked("get_correlation", FRAME)
    assert column_of(result, "열") == ["가", "두배", "거꾸로", "상수", "가끔"]


def test_column_of_one_value_has_no_correlation_and_that_is_said() -> None:
    result = checked("get_correlation", FRAME)
    assert set(column_of(result, "상수")) == {None}
    assert "구할 수 없는 열: `상수`." in result.text


def test_fractions_that_are_all_equal_have_no_correlation() -> None:
    frame = frame_of({"위도": [35.85] * 1000, "값": list(range(1000))})
    assert column_of(checked("get_correlation", frame), "값") == [None, pytest.approx(1.0)]


def test_large_numbers_with_little_spread_keep_their_correlation() -> None:
    frame = frame_of({"번호": [2_007_010_100_100_000 + number for number in range(1000)], "값": list(range(1000))})
    assert column_of(checked("get_correlation", frame), "번호") == pytest.approx([1.0, 1.0])


def test_pair_without_common_rows_has_no_correlation() -> None:
    frame = frame_of({"가": [1.0, 2.0, None, None], "나": [None, None, 1.0, 2.0]})
    assert column_of(checked("get_correlation", frame), "나") == [None, pytest.approx(1.0)]
    assert checked("get_correlation", frame).rows_used == 0


def test_infinities_count_as_missing() -> None:
    frame = frame_of({"가": [1.0, 2.0, 3.0, float("inf")], "나": [2, 4, 6, -100]})
    assert column_of(checked("get_correlation", frame), "가") == pytest.approx([1.0, 1.0])


def test_words_are_refused_with_the_number_columns() -> None:
    said = refusal("get_correlation", FRAME, columns=["가", "글자"])
    assert "`글자` 열은 글자 열이라 상관계수를 구할 수 없습니다. 숫자 열: `가`, `두배`" in said
    assert "둘 이상" in refusal("get_correlation", frame_of({"값": [1, 2], "글자": ["가", "나"]}))
    assert "둘 이상" in refusal("get_correlation", FRAME, columns=["가", "가"])


def test_many_columns_are_cut() -> None:
    frame = frame_of({f"열 {number}": [number, 2, number * 3 % 7] for number in range(40)})
    result = checked("get_correlation", frame)
    assert (len(result.table.rows), len(result.table.columns), result.table.total_rows) == (30, 31, 40)
    assert "40개 열 중 30개 열만" in result.text


def test_column_named_as_the_header_is_told_apart() -> None:
    result = checked("get_correlation", frame_of({"열": [1, 2, 3], "값": [3, 1, 2]}))
    assert result.table.columns == ("열", "열 (열)", "값")


@pytest.mark.parametrize("rows", [3, 500, 9000, 20_000])
def test_blocks_of_rows_add_up(rows: int) -> None:
    checked("get_correlation", large_frame(rows))
    checked("get_column_correlation_with_target", large_frame(rows), target_column="위도")


def test_target_is_compared_with_every_other_number_strongest_first() -> None:
    result = checked("get_column_correlation_with_target", FRAME, target_column="가")
    assert column_of(result, "열") == ["두배", "거꾸로", "연령", "야간", "상수", "가끔"]
    assert column_of(result, "상관계수")[:3] == pytest.approx([1.0, -1.0, 1.0])
    assert column_of(result, "상관계수")[4:] == [None, None]
    assert column_of(result, "행 수") == [5, 5, 4, 5, 5, 1]
    assert (result.rows_used, result.rows_missing) == (5, 1)


def test_target_that_is_no_number_is_refused() -> None:
    assert "숫자 열: `가`" in refusal("get_column_correlation_with_target", FRAME, target_column="글자")
    alone = frame_of({"값": [1, 2], "글자": ["가", "나"]})
    assert "‘묶어서 계산’" in refusal("get_column_correlation_with_target", alone, target_column="값")


@pytest.mark.parametrize(
    ("value", "word"), [(-0.0166, "거의 없음"), (0.1, "약함"), (-0.3, "중간"), (0.5, "뚜렷함"), (-1.0, "뚜렷함")]
)
def test_a_coefficient_is_called_as_strong_as_it_is(value: float, word: str) -> None:
    assert coefficient_text(value) == f"{value:g}, {word}"


def test_correlation_that_hardly_is_one_is_not_called_strong() -> None:
    frame = frame_of({"가": [1, 2, 1, 2], "나": [1, 1, 2, 2]})
    for result in (
        checked("get_correlation", frame),
        checked("get_column_correlation_with_target", frame, target_column="가"),
    ):
        assert "0, 거의 없음" in result.text
        assert "강한" not in result.text
