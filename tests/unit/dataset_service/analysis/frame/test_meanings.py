"""What a column means decides what is calculated of it, in every tool."""

from typing import Any

import pytest

from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.checking import checked, column_of, facts, refusal
from tests.unit.dataset_service.analysis.sample_frames import frame_of

FRAME = frame_of(
    {
        "관리번호": ["0105", "0101", "0105", "0120"],
        "연번": [1, 2, 3, 4],
        "연도": [2023, 2024, 2024, 2024],
        "사고시": [23, 1, 1, 18],
        "전화": ["053-803-0114", None, "053-803-0114", "1588-0000"],
        "위도": [35.5, 36.0, 35.5, 36.0],
        "연령": [24, 65, 24, 7],
        "거래금액": [1000, 25500, 300, 1200],
        "비율": [12.5, 4.0, 100.0, 83.5],
        "구": ["중구", "동구", "중구", "동구"],
    },
    관리번호=ColumnReading(meaning="code"),
    연번=ColumnReading(meaning="serial"),
    연도=ColumnReading(meaning="year"),
    사고시=ColumnReading(meaning="hour", unit="시"),
    전화=ColumnReading(meaning="phone"),
    위도=ColumnReading(meaning="latitude"),
    연령=ColumnReading(meaning="age", unit="세"),
    거래금액=ColumnReading(meaning="money", unit="원"),
    비율=ColumnReading(meaning="percent", unit="%"),
)
AMOUNTS = "숫자 열: `연령`, `거래금액`, `비율`"


@pytest.mark.parametrize(
    ("column", "meaning"),
    [("관리번호", "코드"), ("연번", "일련번호"), ("연도", "연도"), ("사고시", "시"), ("전화", "전화번호")],
)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("calculate_percentile", {"percentile": 50}),
        ("get_outliers", {}),
        ("get_correlation", {}),
        ("get_column_correlation_with_target", {}),
        ("group_by_aggregate", {"group_column": "구", "operation": "mean"}),
        ("group_by_aggregate", {"group_column": "구", "operation": "sum"}),
    ],
)
def test_nothing_is_calculated_of_names_and_parts_of_dates(
    column: str, meaning: str, tool: str, arguments: dict[str, Any]
) -> None:
    place = {"get_correlation": "columns", "get_column_correlation_with_target": "target_column"}
    place |= {"group_by_aggregate": "agg_column"}
    name = place.get(tool, "column")
    said = refusal(tool, FRAME, **arguments, **{name: [column, "연령"] if name == "columns" else column})
    assert said.startswith(f"`{column}` 열은 {meaning} 열이라 ")
    assert said.endswith(AMOUNTS)
    assert ("값별 건수를 세거나 이 열로 묶을 수 있습니다." in said or "건수(count)" in said) is (
        meaning not in ("연도", "시") or tool == "group_by_aggregate"
    )


def test_codes_are_counted_grouped_by_and_compared_as_text() -> None:
    assert facts(checked("get_value_counts", FRAME, column="관리번호")) == {"0105": 2, "0101": 1, "0120": 1}
    sums = checked("group_by_aggregate", FRAME, group_column="관리번호", agg_column="거래금액", operation="sum")
    assert facts(sums) == {"0101": 25500, "0105": 1300, "0120": 1200}
    found = checked("filter_dataframe", FRAME, column="관리번호", operator="==", value="0105")
    assert column_of(found, "연번") == [1, 3]
    said = refusal("filter_dataframe", FRAME, column="관리번호", operator=">", value="0105")
    assert "`관리번호` 열은 코드 열이라 > 비교를 할 수 없습니다." in said


def test_statistics_of_a_code_are_those_of_text() -> None:
    assert "평균" not in facts(checked("get_column_statistics", FRAME, column="관리번호"))


def test_statistics_of_years_have_a_first_a_last_and_a_most_frequent_one() -> None:
    result = checked("get_column_statistics", FRAME, column="연도")
    assert facts(result) == {
        "값 있음": 4,
        "결측": 0,
        "서로 다른 값": 2,
        "한 번만 나온 값": 1,
        "최소": 2023,
        "최대": 2024,
        "최빈값": 2024,
        "최빈값 건수": 3,
        "최빈값 비율(%)": 75.0,
    }
    assert "가장 많은 값 `2024` (3건, 75%). 범위 2023 ~ 2024." in result.text


def test_parts_of_dates_have_a_first_and_a_last_one_by_group() -> None:
    last = checked("group_by_aggregate", FRAME, group_column="구", agg_column="연도", operation="max")
    assert facts(last) == {"동구": 2024, "중구": 2024}
    assert "`동구` (2024, 2건)" in last.text


@pytest.mark.parametrize(
    ("group", "labels", "chart"),
    [("연도", [2023, 2024], "line"), ("사고시", [1, 18, 23], "bar"), ("연번", [2, 4, 1, 3], "bar")],
)
def test_groups_of_parts_of_dates_are_in_the_order_of_time(group: str, labels: list[int], chart: str) -> None:
    sums = checked("group_by_aggregate", FRAME, group_column=group, agg_column="거래금액", operation="sum")
    assert column_of(sums, group) == labels
    assert sums.chart
    assert sums.chart.kind == chart


def test_places_have_a_centre_but_no_sum() -> None:
    centre = checked("group_by_aggregate", FRAME, group_column="구", agg_column="위도", operation="mean")
    assert facts(centre) == {"동구": 36.0, "중구": 35.5}
    assert "합계" not in facts(checked("get_column_statistics", FRAME, column="위도"))
    said = refusal("group_by_aggregate", FRAME, group_column="구", agg_column="위도", operation="sum")
    assert said.startswith("`위도` 열은 위도 열이라 합계 계산을 할 수 없습니다.")
    assert "쓸 수 있는 것: 평균(mean), 건수(count), 최소(min), 최대(max), 중앙값(median), 표준편차(std), " in said


def test_ages_have_a_mean_but_no_sum() -> None:
    mean = checked("group_by_aggregate", FRAME, group_column="구", agg_column="연령", operation="mean")
    assert facts(mean) == {"동구": 36.0, "중구": 24.0}
    said = refusal("group_by_aggregate", FRAME, group_column="구", agg_column="연령", operation="sum")
    assert said.startswith("`연령` 열은 나이 열이라 합계 계산을 할 수 없습니다.")


def test_only_amounts_are_correlated_unless_others_are_named() -> None:
    assert column_of(checked("get_correlation", FRAME), "열") == ["연령", "거래금액", "비율"]
    assert set(column_of(checked("get_column_correlation_with_target", FRAME, target_column="위도"), "열")) == {
        "연령",
        "거래금액",
        "비율",
    }


@pytest.mark.parametrize(("operation", "note"), [("mean", "비율의 평균은 전체 비율과"), ("sum", "하나의 전체를 나눈")])
def test_mean_and_sum_of_percentages_come_with_a_note(operation: str, note: str) -> None:
    result = checked("group_by_aggregate", FRAME, group_column="구", agg_column="비율", operation=operation)
    assert note in result.text


def test_statistics_of_percentages_have_no_sum_and_a_note() -> None:
    result = checked("get_column_statistics", FRAME, column="비율")
    assert "합계" not in facts(result)
    assert "평균 50%, 중앙값 48%" in result.text
    assert "비율의 평균은 전체 비율과 다를 수 있습니다." in result.text


def test_results_carry_the_unit_once() -> None:
    mean = checked("group_by_aggregate", FRAME, group_column="구", agg_column="거래금액", operation="mean")
    assert mean.table.columns == ("구", "거래금액 평균(원)", "건수")
    assert facts(mean) == {"동구": 13350.0, "중구": 650.0}
    assert "가장 큰 묶음은 `동구` (13,350원, 2건)입니다. 가장 작은 묶음은 `중구` (650원, 2건)입니다." in mean.text
    count = checked("group_by_aggregate", FRAME, group_column="연령", agg_column="거래금액", operation="count")
    assert count.table.columns == ("연령", "거래금액 건수", "건수")
    assert "`24세` (2건)" in count.text
    middle = checked("calculate_percentile", FRAME, column="연령", percentile=50)
    assert middle.table.columns == ("백분위", "값(세)")
    assert "**24세**입니다." in middle.text
    assert "1사분위 825원, 3사분위 7,275원, IQR 6,450원" in checked("get_outliers", FRAME, column="거래금액").text
    assert "첫 값은 `25,500원`입니다." in checked("sort_dataframe", FRAME, column="거래금액", ascending=False).text
    assert "`7세` 1건, `24세` 2건, `65세` 1건" in checked("get_unique_values", FRAME, column="연령").text


@pytest.mark.parametrize(
    ("column", "value", "rows"),
    [
        ("연령", "24세", [1, 3]),
        ("연령", "24 살", [1, 3]),
        ("거래금액", "25,500원", [2]),
        ("비율", "４％", [2]),
        ("연도", "2023년", [1]),
        ("사고시", "1시", [2, 3]),
    ],
)
def test_condition_may_name_the_unit(column: str, value: str, rows: list[int]) -> None:
    assert column_of(checked("filter_dataframe", FRAME, column=column, operator="==", value=value), "연번") == rows


def test_condition_in_another_unit_is_refused() -> None:
    said = refusal("filter_dataframe", FRAME, column="거래금액", operator=">", value="3만원")
    assert "숫자로 읽을 수 없습니다. 값의 범위: 300원 ~ 25,500원." in said


@pytest.mark.parametrize("missing", [1, 3])
@pytest.mark.parametrize("meaning", Meaning)
def test_every_tool_takes_every_meaning_whatever_the_values_are(meaning: Meaning, missing: int) -> None:
    values: dict[str, list[Any]] = {"글": ["11", "12", "가"], "수": [11, 12, 24], "실수": [1.5, 2.0, -3.0]}
    frame = frame_of(
        {name: [*[None] * missing, *cells[missing:]] for name, cells in values.items()},
        **{name: ColumnReading(meaning=meaning, unit="%") for name in values},
    )
    for column in values:
        for tool in ("get_column_statistics", "get_value_counts", "get_unique_values", "sort_dataframe"):
            checked(tool, frame, column=column)
        checked("group_by_aggregate", frame, group_column=column, agg_column=column, operation="count")
        checked("filter_dataframe", frame, column=column, operator="==", value="12")
    for tool in ("get_dataframe_info", "detect_data_types"):
        checked(tool, frame)
