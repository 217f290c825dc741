"""A preview shows lines of the file with what each is, and the first rows of the table."""

from dataset_service.reading.columns.column_types import typed
from dataset_service.reading.csv_file import read_csv
from dataset_service.reading.preview import LineRole, first_rows, original_lines
from dataset_service.reading.table_file import to_table

UNTIDY = """대구 교통사고 현황,,

구,사고일,건수
,,(건)
중구,2024-01-02,3
"동
구",2024-01-03,5
합계,,8
※ 출처: 대구시

연도,건수
2023,7
2024,8
"""


def lines_of(text: str) -> list[tuple[int, LineRole]]:
    content = text.encode()
    table = read_csv(content)
    return [(line.line, line.role) for line in original_lines(content, table.reading, table.warnings)]


def test_each_line_of_an_untidy_file_has_its_role() -> None:
    roles = ["above", "blank", "header", "unit", "row", "row", "row", "left_out", "below", "blank"]
    assert lines_of(UNTIDY) == list(enumerate(map(LineRole, [*roles, *["other_table"] * 3]), start=1))


def test_header_of_several_rows_and_none_are_told_apart() -> None:
    assert [role for _, role in lines_of("사고,,부상,\n남,여,남,여\n1,2,3,4\n5,6,7,8\n")][:3] == [
        "header",
        "header",
        "row",
    ]
    assert {role for _, role in lines_of("1,2\n3,4\n5,6\n")} == {"row"}


def test_lines_of_a_long_file_are_the_first_the_ends_and_those_of_warnings() -> None:
    rows = [f"{number},{number}" for number in range(1, 1_000)]
    rows[499] = "500"  # a row that lacks a cell
    numbers = [line for line, _ in lines_of("\n".join(["a,b", *rows, "※ 출처: 대구시"]))]
    assert numbers == [*range(1, 41), 500, 501, 502, 999, 1_000, 1_001]


def test_table_up_to_the_end_of_the_file_shows_its_last_lines() -> None:
    content = b"a,b\n" + b"1,2\n" * 99
    table = read_csv(content)
    lines = original_lines(content, table.reading, table.warnings)
    assert [line.line for line in lines][-2:] == [99, 100]
    assert all(type(line.line) is int for line in lines)  # so that it can be written as JSON


def test_long_line_is_cut_and_line_ends_are_no_text() -> None:
    content = b"a,b\r\n" + b"x" * 600 + b",1\r\ny,2\r\n"
    table = read_csv(content)
    texts = [line.text for line in original_lines(content, table.reading, table.warnings)]
    assert (texts[0], texts[2]) == ("a,b", "y,2")
    assert (len(texts[1]), texts[1][-1]) == (500, "…")


def test_first_rows_are_json_values_and_bounded() -> None:
    table = read_csv(b"t,d,n\n" + b"x" * 300 + b",2024-01-02,1\ny,,2.5\n" + b"z,2024-01-03,3\n" * 30)
    shown = first_rows(to_table(list(map(typed, table.columns, table.cells))), len(table.cells[0]))
    assert (shown["columns"], shown["total_rows"], len(shown["rows"])) == (["t", "d", "n"], 32, 20)
    assert shown["rows"][:2] == [["x" * 199 + "…", "2024-01-02", 1.0], ["y", None, 2.5]]


def test_wide_table_shows_fewer_rows() -> None:
    names = [f"n{number}" for number in range(1_000)]
    table = read_csv("\n".join([",".join(names), *[",".join(["1"] * 1_000)] * 30]).encode())
    shown = first_rows(to_table(list(map(typed, table.columns, table.cells))), len(table.cells[0]))
    assert (len(shown["columns"]), len(shown["rows"])) == (1_000, 4)
