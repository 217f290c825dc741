from tests.unit.dataset_service.analysis.checking import checked, column_of, facts, refusal
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "상대": ["승용", None, None, "화물", None, "이륜", "승용", "승용", None],
        "나이": [30, None, None, 40, None, 50, 60, None, None],
        "비고": [None, None, "가", "나", "다", "라", "마", "바", "사"],
        "유형": ["차대차", "단독", "단독", "차대차", "단독", "차대차", "차대차", "차대차", "단독"],
        "번호": list(range(9)),
    }
)


def test_missing_values_are_placed_and_compared_with_other_columns() -> None:
    result = checked("analyze_missing_pattern", FRAME, column="상대")
    assert result.table.columns == ("열", "함께 결측", "함께 결측 비율(%)", "값이 있을 때 결측 비율(%)")
    assert result.table.rows == (("나이", 4, 100.0, 20.0), ("비고", 1, 25.0, 20.0))
    assert "**4행**(44.4%)" in result.text
    assert "2번째 행부터 9번째 행 사이에 있고, 가장 길게 이어진 결측은 2행입니다." in result.text
    assert "앞 3분의 1에 2행, 가운데에 1행, 뒤에 1행입니다." in result.text
    assert "늘 함께 비는 열: `나이`." in result.text


def test_value_that_goes_with_missing_ones_is_named() -> None:
    result = checked("analyze_missing_pattern", FRAME, column="상대")
    assert "결측은 `유형` 값에 따라 다릅니다. 값별 결측 비율: `단독` 100% (전체 44.4%)." in result.text


def test_column_without_gaps_has_no_pattern() -> None:
    result = checked("analyze_missing_pattern", FRAME, column="번호")
    assert "결측이 없습니다." in result.text
    assert (result.table.rows, result.chart) == ((), None)


def test_column_that_is_all_missing_has_no_rows_to_compare_with() -> None:
    frame = frame_of({"빈": [None, None], "값": [1, None]})
    result = checked("analyze_missing_pattern", frame, column="빈")
    assert result.table.rows == (("값", 1, 50.0, None),)
    assert "**2행**(100%)" in result.text


def test_spread_of_categories_is_summed_up() -> None:
    frame = frame_of({"값": ["가"] * 150 + ["나"] * 40 + ["다"] * 9 + ["라"] + [None] * 5})
    result = checked("summarize_categorical_distribution", frame, column="값")
    assert facts(result) == {"가": 150, "나": 40, "다": 9, "라": 1}
    assert column_of(result, "누적 비율(%)") == [75.0, 95.0, 99.5, 100.0]
    assert (
        "`가` (75%)입니다. 건수가 많은 순서로 2개 값이 전체의 80% 이상을 차지합니다. 1%보다 드문 값은 1개입니다."
        in result.text
    )
    assert "고르게 나뉜 정도는 50.8%입니다" in result.text
    assert (result.rows_used, result.rows_missing) == (200, 5)


def test_even_and_single_categories_are_the_ends_of_evenness() -> None:
    even = checked("summarize_categorical_distribution", frame_of({"값": ["가", "나"] * 5}), column="값")
    assert "고르게 나뉜 정도는 100%입니다" in even.text
    single = checked("summarize_categorical_distribution", frame_of({"값": ["가"] * 5}), column="값")
    assert "고르게" not in single.text


def test_many_categories_are_cut_and_counted() -> None:
    frame = frame_of({"값": [f"{number:03}" for number in range(100)]})
    result = checked("summarize_categorical_distribution", frame, column="값")
    assert (len(result.table.rows), result.table.total_rows) == (30, 100)
    assert "100개 값 중 30개 값만" in result.text


def test_numbers_and_dates_of_many_values_are_no_categories() -> None:
    moments = [f"2019-01-{1 + number % 31:02}T{number % 24:02}" for number in range(600)]
    frame = frame_of({"값": list(range(600)), "일시": dates(*moments)})
    said = refusal("summarize_categorical_distribution", frame, column="값")
    assert "서로 다른 값이 600개인 정수 열이라 범주로 보기 어렵습니다. ‘열 통계’" in said
    assert "‘시간 흐름’" in refusal("summarize_categorical_distribution", frame, column="일시")
