"""Untidy files, as offices publish them, become the table that a careful reader finds in them."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dataset_service.errors import CsvRefused
from dataset_service.reading.columns.column_types import typed
from dataset_service.reading.csv_file import read_csv
from tests.unit.dataset_service.reading.untidy import sizes
from tests.unit.dataset_service.reading.untidy.kinds import KINDS
from tests.unit.dataset_service.reading.untidy.untidy_file import UntidyFile, differences


def _wrong(file: UntidyFile) -> list[str]:
    table = read_csv(file.content)
    columns = [typed(name, cells) for name, cells in zip(table.columns, table.cells, strict=True)]
    warnings = [warning.reason for warning in table.warnings]
    return differences(file, table.columns, [column.cells.to_pylist() for column in columns], warnings)


@pytest.mark.parametrize(
    "file",
    [pytest.param(file, id=f"{kind}: {file.name}") for kind, files in KINDS.items() for file in files],
)
def test_untidy_file_is_read_as_a_careful_reader_would(file: UntidyFile) -> None:
    assert _wrong(file) == []


@pytest.mark.parametrize(
    "file", [pytest.param(file, id=f"{rows} rows, {file.name}") for rows in (2, 2000) for file in sizes.files_of(rows)]
)
def test_kind_is_read_alike_around_few_rows_and_many(file: UntidyFile) -> None:
    assert _wrong(file) == []


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_file_with_many_bytes_that_are_no_text_is_left_to_the_person(encoding: str) -> None:
    lines = "구군,건수\n" + "".join(f"수성구 범어동,{number}\n" for number in range(1000))
    damaged = lines.encode(encoding).replace(b",", b"\xff,")
    with pytest.raises(CsvRefused, match="CSV_UNREADABLE"):
        read_csv(damaged)


_MARKS = st.lists(
    st.sampled_from([*"a1,;\t|\"'\\\n\r \x1a#:~-", "||", "\n\n", "구군", "합계", "소계", "※", "2.5", "(단위)"]),
    max_size=60,
)


@settings(max_examples=400)
@given(_MARKS.map("".join), st.sampled_from(["utf-8", "cp949", "utf-16-le"]))
@example("\n", "utf-8")
@example('""\n""\n', "utf-8")
@example("~\n'\\\n''|1\r|\\", "utf-8")
@example(";\r|~|\n\x1a\n|", "utf-8")
@example("a\na\r~\n~a", "utf-8")
def test_any_text_of_marks_is_read_or_refused(text: str, encoding: str) -> None:
    with suppress(CsvRefused):
        read_csv(text.encode(encoding))
