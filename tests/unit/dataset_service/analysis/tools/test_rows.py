import pytest

from dataset_service.analysis import run
from tests.unit.dataset_service.analysis.checking import checked, column_of, facts, refusal
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "번호": list(range(6)),
        "값": [3, 1, None, 3, 2, 1],
        "글자": ["다", "가", None, "다", "나", "가"],
        "연령": ["100세", "24세", None, "7세", "모름", "24세"],
        "글 일시": ["2016년 10월 1일", "2016년 2월 1일", None, "2016년 1월 1일", "모름", "2016년 1월 1일"],
        "일시": dates("2019-01-03", "2019-01-01", None, "2019-01-03", "2019-01-02", "2019-01-01"),
        "야간": [True, False, None, True, False, False],
    }
)


@pytest.mark.parametrize(
    ("column", "rising", "falling"),
    [
        ("값", [1, 5, 4, 0, 3], [0, 3, 4, 1, 5]),
        ("글자", [1, 5, 4, 0, 3], [0, 3, 4, 1, 5]),
        ("일시", [1, 5, 4, 0, 3], [0, 3, 4, 1, 5]),
        ("야간", [1, 4, 5, 0, 3], [0, 3, 1, 4, 5]),
        ("연령", [3, 1, 5, 0], [0, 1, 5, 3]),
        ("글 일시", [3, 5, 1, 0], [0, 1, 3, 5]),
    ],
)
def test_rows_are_sorted_and_equal_ones_stay_in_the_order_of_the_file(
    column: str, rising: list[int], falling: list[int]
) -> None:
    assert column_of(checked("sort_dataframe", FRAME, column=column), "번호") == rising
    assert column_of(checked("sort_dataframe", FRAME, column=column, ascending=False), "번호") == falling


@pytest.mark.parametrize("top_n", [1, 2, 3, 4])
@pytest.mark.parametrize("column", ["값", "글자", "일시", "연령"])
def test_first_rows_are_those_of_the_whole_order(column: str, top_n: int) -> None:
    for ascending in (True, False):
        whole = column_of(checked("sort_dataframe", FRAME, column=column, ascending=ascending), "번호")
        some = checked("sort_dataframe", FRAME, column=column, ascending=ascending, top_n=top_n)
        assert column_of(some, "번호") == whole[:top_n]


def test_sorting_tells_what_it_left_out() -> None:
    result = checked("sort_dataframe", FRAME, column="연령", ascending=False, top_n=2)
    assert (result.table.total_rows, result.rows_used, result.rows_missing) == (4, 4, 1)
    assert "표에는 4행 중 2행만 있습니다." in result.text
    assert "숫자로 읽히지 않는 글자 1행 제외" in result.text
    assert "첫 값은 `100세`입니다." in result.text


def test_infinities_are_sorted_too() -> None:
    frame = frame_of({"값": [1.0, float("inf"), float("-inf"), None]})
    assert column_of(checked("sort_dataframe", frame, column="값"), "값") == ["-∞", 1.0, "∞"]


def test_unique_values_are_told_in_order_with_their_counts() -> None:
    result = checked("get_unique_values", FRAME, column="글자")
    assert facts(result) == {"가": 2, "나": 1, "다": 2}
    assert "`가` 2건, `나` 1건, `다` 2건" in result.text
    assert facts(checked("get_unique_values", FRAME, column="일시")) == {
        "2019-01-01": 2,
        "2019-01-02": 1,
        "2019-01-03": 2,
    }


def test_many_unique_values_are_cut_and_counted() -> None:
    result = checked("get_unique_values", frame_of({"값": [f"{number:04}" for number in range(500)]}), column="값")
    assert (len(result.table.rows), result.table.total_rows, result.table.rows[199]) == (200, 500, ("0199", 1))
    assert "`0199` 1건 외 300개" in result.text


def test_sample_reaches_from_the_first_row_to_the_last() -> None:
    frame = frame_of({"번호": list(range(1001))})
    assert column_of(checked("get_sample_rows", frame), "번호") == [0, 250, 500, 750, 1000]
    assert column_of(checked("get_sample_rows", frame, n=1), "번호") == [0]


def test_sample_is_not_told_as_the_head_of_what_it_was_drawn_from() -> None:
    result = checked("get_sample_rows", frame_of({"번호": list(range(1001))}))
    assert result.table.total_rows == 5
    assert "전체 행 1,001행에서 고르게 뽑은 5행입니다." in result.text


def test_sample_of_few_rows_is_all_of_them() -> None:
    assert column_of(checked("get_sample_rows", FRAME, n=100), "번호") == list(range(6))


def test_sample_may_ask_for_a_value() -> None:
    result = checked("get_sample_rows", FRAME, n=5, column="글자", value="다")
    assert column_of(result, "번호") == [0, 3]
    assert (result.rows_used, result.rows_missing) == (5, 1)
    assert column_of(checked("get_sample_rows", FRAME, column="값", value="3"), "번호") == [0, 3]
    assert "이 열에 없습니다" in checked("get_sample_rows", FRAME, column="글자", value="라").text


def test_sample_with_half_of_a_condition_is_refused() -> None:
    assert "둘 다" in refusal("get_sample_rows", FRAME, column="글자")
    assert "둘 다" in refusal("get_sample_rows", FRAME, value="다")


def test_rows_of_a_wide_table_are_narrowed_but_keep_the_column_asked_for() -> None:
    wide = frame_of({f"열 {number}": list(range(200)) for number in range(500)})
    result = checked("filter_dataframe", wide, column="열 499", operator=">=", value=0)
    assert len(result.table.columns) == 60
    assert result.table.columns[-1] == "열 499"
    assert len(result.table.rows) == 100
    assert "500개 열 중 60개 열만" in result.text
    assert "열 499" in result.text.split("\n\n")[1]


def test_long_cells_are_cut() -> None:
    (text,) = column_of(run("get_sample_rows", frame_of({"글": ["가" * 5000]}), {}), "글")
    assert (len(text), text[-1]) == (200, "…")


def test_rows_may_be_sorted_by_several_columns_and_list_some() -> None:
    then = [{"column": "번호", "descending": True}]
    result = checked("sort_dataframe", FRAME, column="값", then=then, columns=["번호", "값"])
    assert result.table.rows == ((5, 1), (1, 1), (4, 2), (3, 3), (0, 3))
    assert result.question
    assert [one.column for one in result.question.sort] == ["값", "번호"]


def test_weekdays_are_sorted_from_monday() -> None:
    frame = frame_of({"요일": ["화요일", "월요일", None, "일요일"]})
    assert column_of(checked("sort_dataframe", frame, column="요일"), "요일") == ["월요일", "화요일", "일요일"]


def test_conditions_alone_are_enough_to_filter() -> None:
    where = [{"column": "값", "operator": "between", "value": [2, 3]}, {"column": "글자", "value": ["다", "라"]}]
    result = checked("filter_dataframe", FRAME, where=where, columns=["번호"])
    assert result.table.rows == ((0,), (3,))
    assert "조건에 맞는 행은 **2행**입니다." in result.text
    assert "column에" in refusal("filter_dataframe", FRAME, value=3)


def test_value_may_be_a_list() -> None:
    result = checked("filter_dataframe", FRAME, column="값", operator="in", value=[1, 2])
    assert column_of(result, "번호") == [1, 4, 5]
    assert result.question
    assert result.question.where[0].value == (1, 2)


def test_nearest_rows_are_those_first_by_a_defined_distance() -> None:
    frame = frame_of({"위도": [35.80, 35.87, 35.90], "경도": [128.60, 128.60, 128.60], "곳": ["가", "나", "다"]})
    define = [{"name": "거리_km", "near": {"latitude": 35.87, "longitude": 128.6}}]
    assert column_of(checked("sort_dataframe", frame, column="거리_km", top_n=2, define=define), "곳") == ["나", "다"]
