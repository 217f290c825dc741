"""Columns get the type all their cells have; what would lose something stays text."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.csv_file import read_csv
from dataset_service.reading.reading import ColumnReading


def at(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - as the files have it, without a zone


def column(*cells: str | None, name: str = "열") -> TypedColumn:
    return typed(name, pa.array(cells, pa.string()).dictionary_encode())


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        (("1", "-2", "0"), ColumnKind.INTEGER, [1, -2, 0]),
        (("+1", "2"), ColumnKind.INTEGER, [1, 2]),
        (("1,234", "1,234,567", "12"), ColumnKind.INTEGER, [1234, 1234567, 12]),
        ((" 1", "2 "), ColumnKind.INTEGER, [1, 2]),
        (("9223372036854775807", "-9223372036854775808"), ColumnKind.INTEGER, [2**63 - 1, -(2**63)]),
        (("2007010100100050",), ColumnKind.INTEGER, [2007010100100050]),
        (("1.5", "2"), ColumnKind.NUMBER, [1.5, 2.0]),
        (("-0.25", ".5", "5."), ColumnKind.NUMBER, [-0.25, 0.5, 5.0]),
        (("1,234.5", "-1,000"), ColumnKind.NUMBER, [1234.5, -1000.0]),
        (("1e3", "2.5E-2"), ColumnKind.NUMBER, [1000.0, 0.025]),
        (("0", "0.5"), ColumnKind.NUMBER, [0.0, 0.5]),
        (("true", "false", "TRUE", "False"), ColumnKind.BOOLEAN, [True, False, True, False]),
        (("2019-01-01", "2020-02-29"), ColumnKind.DATE, [at(2019, 1, 1), at(2020, 2, 29)]),
        (("20190101", "20201231"), ColumnKind.DATE, [at(2019, 1, 1), at(2020, 12, 31)]),
        (("09:05", "23:59"), ColumnKind.TIME, ["09:05", "23:59"]),
    ],
)
def test_column_of_one_kind_is_typed(cells: tuple[str, ...], kind: ColumnKind, expected: list[Any]) -> None:
    typed_column = column(*cells, None)
    assert typed_column.kind == kind
    assert typed_column.cells.to_pylist() == [*expected, None]
    assert typed_column.values.take(typed_column.codes).to_pylist() == [*expected, None]


@pytest.mark.parametrize(
    "cells",
    [
        ("007", "012"),
        ("00", "01", "23"),
        ("010-1234-5678",),
        ("9223372036854775808", "1"),
        ("12345678901234567890",),
        ("9007199254740993", "1.5"),
        ("1,23", "4,56"),
        ("1,2345",),
        ("inf", "-inf"),
        ("1e309",),
        ("0x10",),
        ("1_000",),
        ("101동", "102동"),
        ("Y", "N"),
        ("예", "아니오"),
        ("2019-02-30",),
        ("2019-13-01",),
        ("01/02/2019",),
        ("-", "—"),
        ("",),
    ],
)
def test_column_that_would_lose_something_stays_text(cells: tuple[str, ...]) -> None:
    assert column(*cells).kind == ColumnKind.TEXT
    assert column(*cells).cells.to_pylist() == list(cells)


@pytest.mark.parametrize(
    ("name", "cells", "precision", "values"),
    [
        ("기간", ("2024.1/4", "2024.4/4"), "quarter", [at(2024, 1, 1), at(2024, 10, 1)]),
        ("계약년월", ("201901", "201912"), "month", [at(2019, 1, 1), at(2019, 12, 1)]),
        ("연도", ("2019년", "2020년"), "year", [at(2019, 1, 1), at(2020, 1, 1)]),
        ("날짜", ("2019-01-01", "2019-12-31"), "", [at(2019, 1, 1), at(2019, 12, 31)]),
    ],
)
def test_dates_know_how_precise_they_are(
    name: str, cells: tuple[str, ...], precision: str, values: list[datetime]
) -> None:
    found = column(*cells, "-", name=name)
    assert (found.kind, found.reading.precision) == (ColumnKind.DATE, precision)
    assert found.cells.to_pylist() == [*values, None]


def test_what_a_rule_tells_is_told_with_the_number_of_its_cells_and_taken_back() -> None:
    (warning,) = column("2019-01-01 23:00", *["2019-01-01 24:00"] * 3).warnings
    assert (warning.reason, warning.column, warning.given) == ("HOUR_24_READ", "열", "3")
    assert warning.undo == {"columns": {"열": {"kind": "text"}}}


@pytest.mark.parametrize("name", ["사고번호", "금액", "우편코드", "행정구역코드", "id", "road_id", "Price", "인구"])
def test_eight_digits_in_a_column_of_another_name_are_no_dates(name: str) -> None:
    assert column("20190101", "20190103", name=name).kind in (ColumnKind.INTEGER, ColumnKind.TEXT)


def test_eight_digits_of_which_one_is_no_day_are_numbers() -> None:
    assert column("20190101", "20190199").kind == ColumnKind.INTEGER
    assert column("20190101", "99990101").kind == ColumnKind.INTEGER


@pytest.mark.parametrize(
    ("cells", "expected", "warnings"),
    [
        (("1", "-", "3", None), [1, None, 3, None], [("CELLS_READ_AS_MISSING", "1", "- ×1")]),
        (
            ("1", "없음", "-", " - ", "2"),
            [1, None, None, None, 2],
            [("CELLS_READ_AS_MISSING", "3", "- ×2, 없음 ×1")],
        ),
        (("1", "X", "X", "2"), [1, None, None, 2], [("CELLS_SUPPRESSED", "2", "X ×2")]),
        (("1", "#REF!", "2"), [1, None, 2], [("CELLS_WITH_ERRORS", "1", "#REF! ×1")]),
        (
            ("1", "없음", "미상", "N/A", ".", "불명", "?"),
            [1, *[None] * 6],
            [("CELLS_READ_AS_MISSING", "6", "없음 ×1, 미상 ×1, N/A ×1, . ×1, 불명 ×1, …")],
        ),
    ],
)
def test_words_for_nothing_among_numbers_are_missing_and_told_with_their_cells(
    cells: tuple[str | None, ...], expected: list[int | None], warnings: list[tuple[str, str, str]]
) -> None:
    found = column(*cells)
    assert (found.kind, found.cells.to_pylist()) == (ColumnKind.INTEGER, expected)
    assert [(warning.reason, warning.given, warning.used) for warning in found.warnings] == warnings
    assert [warning.undo for warning in found.warnings] == [{"columns": {"열": {"kind": "text"}}}] * len(warnings)


def test_words_for_nothing_among_texts_are_kept() -> None:
    found = column("중구", "없음", "X")
    assert (found.cells.to_pylist(), found.warnings) == (["중구", "없음", "X"], ())


@pytest.mark.parametrize(
    ("name", "below", "cells", "unit"),
    [
        ("금액", "", ("1,000원", "300원"), "원"),
        ("금액(만원)", "", ("1,000", "300"), "만원"),
        ("금액", "천원", ("1,000", "300"), "천원"),
        ("금액(만원)", "천원", ("1,000원", "300원"), "원"),
        ("금액(만원)", "", ("없음", "모름"), ""),
        ("금액", "합계", ("1", "2"), ""),
    ],
)
def test_unit_beside_the_cells_counts_more_than_that_of_the_name_or_below_it(
    name: str, below: str, cells: tuple[str, ...], unit: str
) -> None:
    array = pa.array(cells).dictionary_encode()
    assert typed(name, array, unit=below).reading.unit == unit
    assert typed(name, array, ColumnReading(unit="달러"), unit=below).reading.unit == "달러"


@pytest.mark.parametrize(
    ("cells", "reason", "used"),
    [
        (("1km", "200m", "300m", "300m"), "UNITS_MIXED", "1km ×1"),
        (("△3", "▲2", "5", "▲2"), "SIGNS_UNCLEAR", "▲2 ×2, △3 ×1"),
    ],
)
def test_numbers_that_contradict_one_another_stay_text_and_are_told(
    cells: tuple[str, ...], reason: str, used: str
) -> None:
    found = column(*cells)
    assert (found.kind, found.reading.unit, found.cells.to_pylist()) == (ColumnKind.TEXT, "", list(cells))
    assert [(warning.reason, warning.used, warning.undo) for warning in found.warnings] == [
        (reason, used, {"columns": {"열": {"kind": "number"}}})
    ]
    chosen = typed("열", pa.array(cells).dictionary_encode(), ColumnReading("number"))
    assert [warning.reason for warning in chosen.warnings] == ["CELLS_NOT_OF_KIND"]


def test_money_in_words_beside_money_in_one_unit_is_read_to_the_won() -> None:
    found = column("8억 5,000만원", "4억원", "9,800만원")
    assert (found.cells.to_pylist(), found.reading.unit) == ([850_000_000, 400_000_000, 98_000_000], "원")
    assert found.warnings == ()


def test_codes_stay_text_unless_numbers_are_chosen() -> None:
    cells = pa.array(["41900", "41901"]).dictionary_encode()
    found = typed("우편번호", cells)
    assert (found.kind, found.reading.meaning) == (ColumnKind.TEXT, Meaning.CODE)
    chosen = typed("우편번호", cells, ColumnReading("integer"))
    assert (chosen.kind, chosen.reading.meaning, chosen.cells.to_pylist()) == (ColumnKind.INTEGER, "", [41900, 41901])


def test_chosen_meaning_stays_and_that_of_a_code_makes_text() -> None:
    cells = pa.array(["1", "2"]).dictionary_encode()
    assert typed("값", cells, ColumnReading(meaning="money")).reading == ColumnReading("integer", "money")
    assert typed("값", cells, ColumnReading(meaning="code")).reading == ColumnReading("text", "code")


def test_few_strange_cells_among_many_numbers_are_told() -> None:
    found = column(*map(str, range(99)), "모르는 곳")
    assert found.kind == ColumnKind.TEXT
    (warning,) = found.warnings
    assert (warning.reason, warning.given, warning.used) == ("COLUMN_MIXED", "모르는 곳", "integer")


def test_strange_cell_among_dates_is_told_even_where_a_dash_is_missing() -> None:
    found = column(*(f"2019-01-{day:02}" for day in range(1, 31)), "-", "2019-02-30")
    (warning,) = found.warnings
    assert (warning.given, warning.used) == ("2019-02-30", "date")


def test_dates_of_different_precision_are_text_and_told() -> None:
    for found in (column("2023", "2024-01", "2024-02"), column("2023", "2023.01", "2023.02", name="시점")):
        assert (found.kind, [warning.reason for warning in found.warnings]) == (ColumnKind.TEXT, ["DATES_MIXED"])


def test_column_half_of_numbers_is_text_without_a_warning() -> None:
    found = column("1", "2", "중구", "동구")
    assert (found.kind, found.warnings) == (ColumnKind.TEXT, ())


def test_different_texts_of_one_number_are_one_value() -> None:
    found = column("1", "1.0", "1,000", "1e3", None)
    assert found.values.to_pylist() == [1.0, 1000.0]
    assert found.codes.to_pylist() == [0, 0, 1, 1, None]


def test_column_without_any_value_is_text() -> None:
    found = column(None, None)
    assert (found.kind, found.cells.null_count, len(found.values)) == (ColumnKind.TEXT, 2, 0)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_any_integers_are_read_exactly(numbers: list[int]) -> None:
    found = column(*map(str, numbers), name="값")
    assert found.cells.to_pylist() == numbers


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_any_numbers_are_read_exactly_or_stay_text(numbers: list[float]) -> None:
    found = column(*map(repr, numbers))
    if found.kind == ColumnKind.TEXT:  # 1e+300 has no leading zero; 1e-05 in Python's spelling does
        assert found.cells.to_pylist() == [repr(number) for number in numbers]
    else:
        assert found.cells.to_pylist() == numbers


@given(st.lists(st.datetimes(min_value=at(1000, 1, 1)), min_size=1))
def test_any_moments_are_read_to_the_millisecond(moments: list[datetime]) -> None:
    expected = [moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments]
    for written in (
        [moment.isoformat() for moment in moments],
        [moment.isoformat(" ", "milliseconds") for moment in moments],
        [f"{m.year}년 {m.month}월 {m.day}일 {m.hour:02}시 {m.minute}분 {m.second}초" for m in moments],
    ):
        found = column(*written)
        if "시" in written[0]:
            expected = [moment.replace(microsecond=0) for moment in moments]
        assert (found.kind, found.cells.to_pylist()) == (ColumnKind.DATE, expected)


@given(st.lists(st.one_of(st.none(), st.text(max_size=6)), min_size=1, max_size=20))
def test_any_texts_become_a_column_of_as_many_cells(cells: list[str | None]) -> None:
    found = column(*cells)
    assert len(found.cells) == len(found.codes) == len(cells)
    assert found.values.null_count == 0
    assert found.cells.null_count == found.codes.null_count >= cells.count(None)


def test_types_of_a_whole_file() -> None:
    table = read_csv("번호,일시,구,값\n001,2019-01-01 00,중구,1\n002,2019-01-01 01,동구,2.5\n".encode())
    kinds = [typed(name, cells).kind for name, cells in zip(table.columns, table.cells, strict=True)]
    assert kinds == [ColumnKind.TEXT, ColumnKind.DATE, ColumnKind.TEXT, ColumnKind.NUMBER]


@pytest.mark.parametrize(
    ("kind", "cells", "expected", "strange"),
    [
        ("integer", ("1", "007", "몇 개", "-"), [1, 7, None, None], "1"),
        ("number", ("1.5", "y", "y", "2"), [1.5, None, None, 2.0], "2"),
        ("date", ("2019-01-02", "어제"), [at(2019, 1, 2), None], "1"),
        ("date", ("20190102", "20190103"), [at(2019, 1, 2), at(2019, 1, 3)], ""),
        ("boolean", ("true", "아니오", None), [True, None, None], "1"),
        ("text", ("1", "2"), ["1", "2"], ""),
        ("integer", (None, None), [None, None], ""),
    ],
)
def test_chosen_kind_is_read_as_far_as_it_goes_and_the_rest_is_counted(
    kind: str, cells: tuple[str | None, ...], expected: list[Any], strange: str
) -> None:
    read = typed("열", pa.array(cells, pa.string()).dictionary_encode(), ColumnReading(kind))
    assert (read.kind, read.cells.to_pylist()) == (kind, expected)
    assert [read.values[code].as_py() if code is not None else None for code in read.codes.to_pylist()] == expected
    assert [warning.given for warning in read.warnings if warning.reason == "CELLS_NOT_OF_KIND"] == [strange] * bool(
        strange
    )


def test_years_in_digits_are_dates_only_if_that_is_chosen() -> None:
    cells = pa.array(["2019", "2020"]).dictionary_encode()
    assert typed("연도", cells).kind is ColumnKind.INTEGER
    chosen = typed("연도", cells, ColumnReading("date"))
    assert (chosen.reading.precision, chosen.cells.to_pylist()) == ("year", [at(2019, 1, 1), at(2020, 1, 1)])


def test_chosen_date_may_be_named_like_a_number() -> None:
    cells = pa.array(["20190102"]).dictionary_encode()
    assert typed("번호", cells).kind is ColumnKind.INTEGER
    assert typed("번호", cells, ColumnReading("date")).cells.to_pylist() == [at(2019, 1, 2)]


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("계약년월", ColumnReading("date"), "month"),
        ("접수일자", ColumnReading("date"), ""),
        ("값", ColumnReading("date", precision="month"), "month"),
    ],
)
def test_chosen_date_that_may_be_a_month_or_a_day_is_what_the_name_or_the_reading_says(
    name: str, wanted: ColumnReading, expected: str
) -> None:
    found = typed(name, pa.array(["200101", "200112"]).dictionary_encode(), wanted)
    assert found.reading.precision == expected
    assert found.cells.to_pylist() == (
        [at(2001, 1, 1), at(2001, 12, 1)] if expected else [at(2020, 1, 1), at(2020, 1, 12)]
    )


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (("２０２４－０１－０５",), "date", [at(2024, 1, 5)]),
        (("０９：０５",), "time", ["09:05"]),
        (("２０", "Ｘ", "3"), "integer", [20, None, 3]),
        (("ＡＢ", "ＣＤ"), "text", ["ＡＢ", "ＣＤ"]),
    ],
)
def test_full_width_signs_are_read_as_usual_ones_and_texts_stay(
    cells: tuple[str, ...], kind: str, values: list[Any]
) -> None:
    found = column(*cells)
    assert (found.kind, found.cells.to_pylist()) == (kind, values)
