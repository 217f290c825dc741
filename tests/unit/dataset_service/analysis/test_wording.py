import re

import numpy as np
import pytest

from dataset_service.analysis import Table, run
from dataset_service.analysis.wording import (
    basis_text,
    cell_text,
    code_text,
    header_text,
    names_text,
    number_text,
    share_text,
    shortened,
    table_text,
)
from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.sample_frames import frame_of


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1234567, "1,234,567"),
        (-5, "-5"),
        (4.783956907846848, "4.78396"),
        (0.0001234567, "0.000123457"),
        (0.00001234, "1.234e-05"),
        (1234567.891, "1,234,567.89"),
        (35.8437702, "35.8438"),
        (2.5, "2.5"),
        (100.0, "100"),
        (-0.125, "-0.125"),
        (1e20, "1e+20"),
        (float("inf"), "∞"),
        (None, "없음"),
    ],
)
def test_number_keeps_at_least_six_digits(number: float | None, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (1, 3, "33.3%"),
        (1, 1, "100%"),
        (0, 5, "0%"),
        (1, 100_000, "0.1% 미만"),
        (99_999, 100_000, "99.9% 초과"),
        (0, 0, "0%"),
    ],
)
def test_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, text: str) -> None:
    assert share_text(part, whole) == text


def test_basis_says_how_many_rows_and_how_many_were_missing() -> None:
    assert basis_text(1234, 1200, 34) == "근거: 전체 1,234행 중 1,200행 (결측 34행 제외)."
    assert basis_text(5, 5, 0, "무한대 1행 제외") == "근거: 전체 5행 중 5행 (무한대 1행 제외)."


def test_long_and_broken_values_are_put_on_one_short_line() -> None:
    assert shortened("가\n나\t\x07다") == "가 나 다"
    assert shortened("가" * 100) == "가" * 59 + "…"
    assert code_text("a`b") == "`a'b`"
    assert names_text(["가", "나", "다"], limit=9) == "`가`, `나` 외 1개"


def test_cells_cannot_break_out_of_a_table() -> None:
    table = Table.of(("값|들",), [("![x](http://evil.example/a.png)",), ("<script>",), ("a|b\nc",), ("~~$x$~~",)])
    assert table_text(table).splitlines() == [
        "| 값\\|들 |",
        "| --- |",
        "| !\\[x\\](http://evil.example/a.png) |",
        "| \\<script\\> |",
        "| a\\|b c |",
        "| \\~\\~\\$x\\$\\~\\~ |",
    ]


@pytest.mark.parametrize("name", ["get_dataframe_info", "get_sample_rows", "detect_data_types"])
def test_text_of_a_hostile_file_holds_no_picture_and_no_tag(name: str) -> None:
    frame = frame_of({"![a](http://evil.example)": ["<img src=x>", "![b](http://evil.example)"]})
    text = run(name, frame, {}).text
    outside_of_code = "".join(text.split("`")[::2])
    assert "![" not in outside_of_code
    assert "<img" not in outside_of_code.replace("\\<", "")


YEARS = frame_of({"연도": [2019, 2021, None, 2021], "금액": [2019, 2021, 2100, 12_000], "구": ["가", "나", "가", "가"]})


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_dataframe_info", {}),
        ("get_sample_rows", {}),
        ("filter_dataframe", {"column": "연도", "operator": "==", "value": 2019}),
        ("sort_dataframe", {"column": "연도"}),
        ("get_unique_values", {"column": "연도"}),
        ("get_value_counts", {"column": "연도"}),
        ("get_column_statistics", {"column": "연도"}),
        ("summarize_categorical_distribution", {"column": "연도"}),
        ("calculate_percentile", {"column": "연도", "percentile": 50}),
        ("get_outliers", {"column": "연도"}),
        ("group_by_aggregate", {"group_column": "연도", "agg_column": "구", "operation": "count"}),
        ("group_by_aggregate", {"group_column": "구", "agg_column": "연도", "operation": "max"}),
        ("cross_tabulation", {"row_column": "연도", "col_column": "구"}),
        ("get_temporal_pattern", {"column": "연도"}),
    ],
)
def test_years_have_no_commas(name: str, arguments: dict[str, object]) -> None:
    frame = frame_of({column: YEARS.columns[column].cells(np.arange(4)) for column in ("연도", "구")})
    text = run(name, frame, arguments).text
    assert re.search("20(19|2[01])", text)
    assert not re.search("2,0[12]", text)


def test_numbers_of_which_only_some_could_be_years_keep_their_commas() -> None:
    assert "| 2021 | 2,021 | 나 |" in run("get_sample_rows", YEARS, {}).text


@pytest.mark.parametrize(
    ("values", "holds_years"),
    [
        ([1900, 2100], True),
        ([2019.0, None], True),
        ([1899, 2000], False),
        ([2000, 2101], False),
        ([2000.5], False),
        ([float("inf"), 2000.0], False),
        ([True], False),
        (["2019"], False),
        ([None], False),
    ],
)
def test_years_are_whole_numbers_from_1900_to_2100(values: list[object], holds_years: bool) -> None:
    assert frame_of({"값": values}).columns["값"].holds_years is holds_years


def test_shares_in_a_table_have_one_decimal() -> None:
    frame = frame_of({"값": ["가"] * 11 + ["나"] * 60})
    text = run("get_value_counts", frame, {"column": "값"}).text
    assert "| 나 | 60 | 84.5% |" in text
    assert "| 가 | 11 | 15.5% |" in text


@pytest.mark.parametrize(
    ("unit", "text"),
    [("원", "1,234원"), ("%", "1,234%"), ("℃", "1,234℃"), ("㎡", "1,234 ㎡"), ("km/h", "1,234 km/h"), ("", "1,234")],
)
def test_unit_follows_a_number_as_it_is_written_in_korean(unit: str, text: str) -> None:
    column = frame_of({"값": [1234]}, 값=ColumnReading(unit=unit)).columns["값"]
    assert cell_text(column, 1234) == text


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        (ColumnReading(meaning="year"), "2019"),
        (ColumnReading(meaning="serial"), "2019"),
        (ColumnReading(meaning="money"), "2,019"),
        (ColumnReading(unit="명"), "2,019명"),
        (ColumnReading(), "2019"),
    ],
)
def test_only_years_and_running_numbers_have_no_commas(reading: ColumnReading, text: str) -> None:
    assert cell_text(frame_of({"값": [2019]}, 값=reading).columns["값"], 2019) == text


@pytest.mark.parametrize(
    ("name", "unit", "header"),
    [
        ("값", "", "값"),
        ("금액 평균", "원", "금액 평균(원)"),
        ("금액(만원) 평균", "만원", "금액(만원) 평균"),
        ("면적[제곱미터] 평균", "㎡", "면적[제곱미터] 평균"),
        ("원 평균", "원", "원 평균(원)"),
    ],
)
def test_header_names_the_unit_once(name: str, unit: str, header: str) -> None:
    assert header_text(name, frame_of({"값": [1]}, 값=ColumnReading(unit=unit)).columns["값"]) == header


def test_text_of_a_table_fills_its_room_and_says_what_it_lacks() -> None:
    table = Table.of(("번호", "글"), [(number, "가" * 50) for number in range(200)], 1234)
    text, lacking = table_text(table, unit="개 묶음").split("\n\n")
    rows = len(text.splitlines()) - 2
    assert 6000 < len(text) <= 6500
    assert lacking == f"글의 표에는 1,234개 묶음 중 {rows}개 묶음만 있습니다."
    assert table_text(Table.of(("가",), [(1,)])) == "| 가 |\n| --- |\n| 1 |"


def test_columns_without_room_for_ten_rows_are_named_and_those_asked_for_are_kept() -> None:
    names = [f"열 {number}" for number in range(40)]
    table = Table.of(names, [["가" * 50] * 40 for _ in range(20)])
    text, lacking = table_text(table, keep=("열 39",)).split("\n\n")
    header = text.splitlines()[0]
    shown = header.count("열 ")
    assert header.endswith("| 열 39 |")
    assert len(text.splitlines()) == 2 + 10
    assert lacking.startswith(
        f"글의 표에는 20행 중 10행, 40개 열 중 {shown}개 열만 있습니다. 빠진 열: `열 {shown - 1}`,"
    )


def test_numbers_of_codes_have_no_commas() -> None:
    frame = frame_of({"사고번호": [2016010100, 2016010101]}, 사고번호=ColumnReading(meaning=Meaning.CODE))
    assert "| 2016010100 |" in run("get_sample_rows", frame, {}).text
