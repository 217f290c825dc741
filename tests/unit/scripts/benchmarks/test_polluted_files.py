from collections import Counter

import pytest

from scripts.benchmarks.polluted_files import PollutedFile, TidyTable, polluted_files
from scripts.benchmarks.table_score import ReadTable

TIDY = TidyTable(("구", "곳", "비고"), [("중구", '동문, "앞"', ""), ("남구", "역", "")], quoted=frozenset({1}))
FILES = list(polluted_files(TIDY))
RIGHT = ReadTable(TIDY.columns, TIDY.rows)

HEADER, FIRST, SECOND = '구,"곳",비고\r\n', '중구,"동문, ""앞""",\r\n', '남구,"역",\r\n'


def file_of(kind: str, place: str = "") -> PollutedFile:
    return next(file for file in FILES if file.kind == kind and place in ("", file.place))


def test_kinds_have_as_many_files_as_their_places() -> None:
    lines, columns = 3, 3
    counts = Counter(file.kind for file in FILES)
    assert {kind: count for kind, count in counts.items() if count > 1} == {
        "row_less_sep": lines * (columns - 1),
        "row_more_sep": lines * columns,
        "row_extra_quote": lines * columns,
        "row_field_delimiter_0x20": lines,
    }
    assert len(counts) == 26


@pytest.mark.parametrize(
    ("kind", "place", "text"),
    [
        ("source", "", HEADER + FIRST + SECOND),
        ("file_no_payload", "", ""),
        ("file_no_trailing_newline", "", HEADER + FIRST + SECOND[:-2]),
        ("file_double_trailing_newline", "", HEADER + FIRST + SECOND + "\r\n"),
        ("file_no_header", "", FIRST + SECOND),
        ("file_header_multirow_3", "", "구,곳,비고\r\n" * 2 + HEADER + FIRST + SECOND),
        ("file_preamble", "", "PREAMBLE,,\r\n,,\r\n" + HEADER + FIRST + SECOND),
        ("file_multitable_less", "", HEADER + FIRST + SECOND + '구,곳\r\n중구,"동문, ""앞"""\r\n'),
        ("file_multitable_same", "", HEADER + FIRST + SECOND + "구,곳,비고\r\n" + FIRST),
        ("file_multitable_more", "", HEADER + FIRST + SECOND + '구,곳,비고,추가\r\n중구,"동문, ""앞""",,\r\n'),
        ("file_header_only", "", HEADER),
        ("file_one_data_row", "", HEADER + FIRST),
        ("file_field_delimiter_0x20", "", '구 "곳" 비고\r\n중구 "동문, ""앞""" \r\n남구 "역" \r\n'),
        ("file_field_delimiter_0x2C_0x20", "", '구, "곳", 비고\r\n중구, "동문, ""앞""", \r\n남구, "역", \r\n'),
        ("file_quotation_char_0x27", "", "구,'곳',비고\r\n중구,'동문, \"앞\"',\r\n남구,'역',\r\n"),
        ("file_escape_char_0x5C", "", HEADER + '중구,"동문, \\"앞\\"",\r\n' + SECOND),
        ("file_escape_char_0x00", "", HEADER + '중구,"동문, "앞"",\r\n' + SECOND),
        ("file_record_delimiter_0xD", "", (HEADER + FIRST + SECOND).replace("\n", "")),
        ("row_less_sep", "line 3, column 2", HEADER + FIRST + '남구"역",\r\n'),
        ("row_more_sep", "line 1, column 1", "," + HEADER + FIRST + SECOND),
        ("row_more_sep", "line 3, column 2", HEADER + FIRST + '남구,,"역",\r\n'),
        ("row_field_delimiter_0x20", "line 3, column 1", HEADER + FIRST + '남구 "역" \r\n'),
    ],
)
def test_pollution_changes_the_bytes_and_not_what_is_right(kind: str, place: str, text: str) -> None:
    file = file_of(kind, place)
    assert file.content.decode() == text
    if kind not in ("file_no_payload", "file_no_header", "file_header_multirow_3", "file_header_only"):
        assert file.right == ReadTable(TIDY.columns, TIDY.rows[: 1 if kind == "file_one_data_row" else 2])


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("file_no_payload", ReadTable((), ())),
        ("file_no_header", ReadTable(None, TIDY.rows)),
        ("file_header_multirow_2", ReadTable(["구_구", "곳_곳", "비고_비고"], TIDY.rows)),
        ("file_header_only", ReadTable(TIDY.columns, ())),
    ],
)
def test_what_is_right_has_the_names_and_rows_that_the_file_has(kind: str, right: ReadTable) -> None:
    assert file_of(kind).right == right


@pytest.mark.parametrize(
    ("place", "text", "right"),
    [
        ("line 1, column 1", '"' + HEADER + FIRST + SECOND, ReadTable(['"구', "곳", "비고"], TIDY.rows)),
        (
            "line 3, column 2",
            HEADER + FIRST + '남구,""역",\r\n',
            ReadTable(list(TIDY.columns), [TIDY.rows[0], ("남구", '"역', "")]),
        ),
    ],
)
def test_quote_too_many_belongs_to_its_cell(place: str, text: str, right: ReadTable) -> None:
    file = file_of("row_extra_quote", place)
    assert file.content.decode() == text
    assert file.right == right
