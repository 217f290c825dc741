import unicodedata
from typing import Any

import pytest

from dataset_service.analysis import run
from tests.unit.dataset_service.analysis.checking import checked, column_of, refusal
from tests.unit.dataset_service.analysis.sample_frames import frame_of

FRAME = frame_of(
    {"사고유형": ["가", "나", "가"], "기상 상태": ["맑음", "비", None], "ECLO": [3, 1, 2], "요일": ["월", "화", "수"]}
)


def test_wrong_column_lists_the_columns_and_the_nearest_one() -> None:
    said = refusal("get_value_counts", FRAME, column="사고유헝")
    assert (
        said == "`사고유헝` 열이 없습니다. 혹시 `사고유형` 열인가요? 열 목록: `사고유형`, `기상 상태`, `ECLO`, `요일`"
    )


def test_list_of_a_thousand_columns_is_cut() -> None:
    wide = frame_of({f"아주 긴 이름의 열 {number}": [number] for number in range(1000)})
    said = refusal("get_value_counts", wide, column="없음")
    assert "외 9" in said
    assert len(said) < 700


@pytest.mark.parametrize(
    "written", ["기상상태", "eclo", unicodedata.normalize("NFD", "사고유형"), " 요일 ", "사고_유형"]
)
def test_column_written_differently_is_read_and_said(written: str) -> None:
    result = checked("get_value_counts", FRAME, column=written)
    assert "열로 읽었습니다" in result.text


def test_column_written_as_it_is_needs_no_word() -> None:
    assert "열로 읽었습니다" not in run("get_value_counts", FRAME, {"column": "ECLO"}).text


def test_columns_of_a_list_are_read_the_same_way() -> None:
    frame = frame_of({"가": [1, 2, 3], "나 다": [3, 2, 1]})
    result = checked("get_correlation", frame, columns=["가", "나다", "나 다"])
    assert column_of(result, "열") == ["가", "나 다"]
    assert refusal("get_correlation", frame, columns=["가", "혹"]).startswith("`혹` 열이 없습니다.")


def test_unknown_argument_is_refused_with_the_known_ones() -> None:
    said = refusal("get_value_counts", FRAME, column="ECLO", limit=5)
    assert said == "인자를 고쳐주세요. `limit` 인자는 없습니다. 이 도구의 인자: `column`, `top_n`, `define`, `where`"
    assert refusal("get_geo_bounds", FRAME, column="ECLO").endswith("이 도구의 인자: `define`, `where`")


def test_missing_argument_is_named() -> None:
    assert "`operation` 인자가 필요합니다." in refusal(
        "group_by_aggregate", FRAME, group_column="요일", agg_column="ECLO"
    )


@pytest.mark.parametrize("top_n", [2, 2.0, "2"])
def test_whole_number_may_come_as_json_writes_it(top_n: Any) -> None:
    result = checked("get_value_counts", FRAME, column="요일", top_n=top_n)
    assert len(column_of(result, "요일")) == 2


@pytest.mark.parametrize(
    ("top_n", "said"),
    [
        (0, "1 이상이어야"),
        (201, "200 이하여야"),
        (2.5, "정수여야"),
        ("둘", "정수여야"),
        (True, "숫자여야"),
        (float("nan"), "유한한 숫자여야"),
        ([2], "정수여야"),
    ],
)
def test_number_out_of_range_is_refused_with_the_range(top_n: Any, said: str) -> None:
    assert f"`top_n` 값은 {said} 합니다." in refusal("get_value_counts", FRAME, column="요일", top_n=top_n)


def test_operator_that_is_none_is_refused_with_those_there_are() -> None:
    said = refusal("filter_dataframe", FRAME, column="ECLO", operator="대략", value=1)
    assert "'==', '!=', '>', '<', '>=', '<=', 'between', " in said


@pytest.mark.parametrize("value", [{"a": 1}, float("nan"), "\ud800", "a\0b", "가" * 1001])
def test_value_that_is_no_text_and_no_number_is_refused(value: Any) -> None:
    assert "`value` 값은" in refusal("filter_dataframe", FRAME, column="ECLO", operator="==", value=value)


@pytest.mark.parametrize("column", [5, "\ud800", ["요일"], "가" * 1001])
def test_column_that_is_no_name_is_refused(column: Any) -> None:
    assert "`column` 값" in refusal("get_value_counts", FRAME, column=column)


def test_flag_may_come_as_text() -> None:
    assert checked("sort_dataframe", FRAME, column="ECLO", ascending="false").text.count("큰 순서로") == 1
    assert "true 또는 false" in refusal("sort_dataframe", FRAME, column="ECLO", ascending="내림")


def test_blank_optional_argument_counts_as_absent() -> None:
    assert (
        checked("get_sample_rows", FRAME, n=2, column="", value=" ").table
        == checked("get_sample_rows", FRAME, n=2).table
    )


def test_optional_argument_may_come_as_null_and_a_list_as_text_or_as_its_single_item() -> None:
    frame = frame_of({"가": [1, 2, 4], "나": [3, 2, 0], "다": [1, 0, 1]})
    for columns in ('["가", "나"]', ["가", "나"]):
        assert column_of(checked("get_correlation", frame, columns=columns), "열") == ["가", "나"]
    assert "둘 이상" in refusal("get_correlation", frame, columns="가")
    assert len(column_of(checked("get_correlation", frame, columns=None), "열")) == 3


def test_problem_within_a_condition_is_told_with_its_place() -> None:
    where = [{"column": "ECLO", "value": 1}, {"column": "ECLO", "operator": "거꾸로", "value": 1}]
    assert "`where[1].operator` 값은 '==', " in refusal("get_value_counts", FRAME, column="요일", where=where)
    said = refusal("get_value_counts", FRAME, column="요일", where=[{"column": "없음", "value": 1}])
    assert said.startswith("`where[0]")
    assert "열이 없습니다." in said


def test_rows_are_narrowed_before_a_tool_and_its_text_says_so() -> None:
    result = checked(
        "get_value_counts", FRAME, column="요일", where={"column": "사고유형", "operator": "같음", "value": "가"}
    )
    assert sorted(map(str, column_of(result, "요일"))) == ["수", "월"]
    assert "조건: `사고유형` = `가`. 전체 3행 중 2행이 맞습니다." in result.text
    assert result.question is not None
    assert result.question.where[0].column == "사고유형"
