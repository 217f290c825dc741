import pytest

from streamlit_client import texts
from streamlit_client.files.csv_file import MOST_ROWS, CsvRefused, read_csv

TEXT = "사고일시,기상상태\n2022-01-01 01,맑음\n2022-01-01 02,비\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_every_encoding_of_korean_spreadsheets_is_read(encoding: str) -> None:
    table = read_csv(TEXT.encode(encoding))
    assert table.columns == ("사고일시", "기상상태")
    assert list(table.rows) == [["2022-01-01 01", "맑음"], ["2022-01-01 02", "비"]]
    assert texts.ENCODINGS[table.encoding] == {"utf-8-sig": "UTF-8"}.get(encoding, encoding.upper())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_read(delimiter: str, line_end: str) -> None:
    table = read_csv(TEXT.replace(",", delimiter).replace("\n", line_end).encode())
    assert list(table.rows) == [["2022-01-01 01", "맑음"], ["2022-01-01 02", "비"]]


def test_quoted_cells_keep_delimiters_and_line_ends() -> None:
    table = read_csv('이름,메모\n"가,나","첫째\n둘째"\n다,라\n'.encode())
    assert list(table.rows) == [["가,나", "첫째\n둘째"], ["다", "라"]]
    assert table.lines == [3, 4]


def test_blank_lines_are_passed_over() -> None:
    table = read_csv("\n\n가,나\n\n1,2\n,\n  , \n3,4\n\n".encode())
    assert list(table.rows) == [["1", "2"], ["3", "4"]]


def test_repeated_and_empty_column_names_become_unique() -> None:
    table = read_csv("가,가,,\n1,2,3,4\n".encode())
    assert len(set(table.columns)) == 4
    assert table.columns[0] == "가"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", texts.CSV_EMPTY),
        (b"\xef\xbb\xbf", texts.CSV_EMPTY),
        (b" \n\t\n", texts.CSV_EMPTY),
        (b",,,\n,,,\n", texts.CSV_EMPTY),
        ("사고일시,기상상태\n".encode(), texts.CSV_NO_ROWS),
        (b"a,b\n1,\x002\n", texts.CSV_ONLY),
        (b"PK\x03\x04\x14\x00\x06\x00rest of a workbook", texts.CSV_ONLY),
        (b"a,b\n\xff\xfe\xff,1\n", texts.CSV_ENCODING),
        (b"a,b\n1,2\n3\n", texts.CSV_RAGGED.format(line=3, found=1, expected=2)),
        (b"a,b\n1,2,3\n", texts.CSV_RAGGED.format(line=2, found=3, expected=2)),
        (b'a,b\n1,2\n"3,4\n5,6\n', texts.CSV_QUOTE.format(line=3)),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", texts.CSV_QUOTE.format(line=2)),
        (b"x" * 200_000, texts.CSV_QUOTE.format(line=1)),
        (b",".join([b"c"] * 501) + b"\n", texts.CSV_TOO_WIDE.format(columns=501)),
    ],
)
def test_file_that_cannot_be_used_is_refused_with_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(CsvRefused) as raised:
        read_csv(content)
    assert str(raised.value) == sentence


def test_twenty_thousand_rows_are_read_and_one_more_is_refused_with_the_count() -> None:
    assert len(read_csv(b"a,b\n" + b"1,2\n" * MOST_ROWS).rows) == MOST_ROWS
    with pytest.raises(CsvRefused, match="20,001"):
        read_csv(b"a,b\n" + b"1,2\n" * (MOST_ROWS + 1))
