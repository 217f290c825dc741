"""Files of every sort are read as expected, or refused in words and lines."""

import csv
import io
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dataset_service.errors import CsvRefused
from dataset_service.reading.csv_file import CsvTable, read_csv
from tests.unit.dataset_service.reading.csv_seeds import SEEDS, Read, Refused, Seed
from tests.unit.gateway.service_facts import csv_problems


def rows_of(table: CsvTable) -> tuple[tuple[Any, ...], ...]:
    return tuple(zip(*(column.to_pylist() for column in table.cells), strict=True))


@pytest.mark.parametrize("seed", SEEDS, ids=[seed.name for seed in SEEDS])
def test_file_is_read_or_refused_as_expected(seed: Seed) -> None:
    got: Read | Refused
    try:
        table = read_csv(seed.content)
        warnings = frozenset(str(warning.reason) for warning in table.warnings)
        got = Read(table.columns, rows_of(table), table.encoding, table.delimiter, warnings)
    except CsvRefused as refusal:
        wanted = seed.expected.facts if isinstance(seed.expected, Refused) else ()
        got = Refused(refusal.reason, tuple((name, refusal.facts.get(name, "")) for name, _ in wanted))
    assert got == seed.expected


def test_every_problem_but_the_limits_of_the_process_is_among_the_seeds() -> None:
    seen = {dict(seed.expected.facts).get("problem") for seed in SEEDS if isinstance(seed.expected, Refused)}
    assert csv_problems() - {"TOO_COMPLEX", "ENCODING_UNKNOWN"} <= seen


_CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=200)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(_CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_whatever_the_csv_module_writes_is_read_back(rows: list[list[str]], line_end: str, quoting: Any) -> None:
    header = [f"column{number}" for number in range(len(rows[0]))]
    written = io.StringIO()
    csv.writer(written, lineterminator=line_end, quoting=quoting).writerows([header, *rows])
    if all(_is_missing(cell) for row in rows for cell in row):
        with pytest.raises(CsvRefused, match="No row holds a value"):
            read_csv(written.getvalue().encode())
        return
    table = read_csv(written.getvalue().encode())
    expected = [[None if _is_missing(cell) else unicodedata.normalize("NFC", cell) for cell in row] for row in rows]
    assert [list(row) for row in rows_of(table)] == [row for row in expected if any(cell is not None for cell in row)]


def _is_missing(cell: str) -> bool:
    return not cell.strip() or cell.strip() in ("NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null")


@settings(max_examples=500)
@given(st.text(st.sampled_from('ab,;\t"\n\r '), max_size=30))
@example('x\n"a""')
@example('a,b\n"a""b",c"\n')
@example('a\n""""\n')
@example('a,b\n""x"y",""\n')
def test_any_text_is_read_like_the_csv_module_reads_it_or_refused(text: str) -> None:
    try:
        table = read_csv(b"h1,h2\n" + text.encode())
    except CsvRefused:
        return
    expected = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter) if row]
    got = [list(row) for row in rows_of(table)]
    kept = [[None if _is_missing(cell) else cell for cell in row] for row in expected]
    assert got == [row for row in kept if any(cell is not None for cell in row)]


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_refusal(content: bytes) -> None:
    for encoding in ("", "cp949", "utf-16"):
        try:
            table = read_csv(content, encoding)
        except CsvRefused:
            continue
        assert all(len(column) == len(table.cells[0]) for column in table.cells)
        assert len(set(table.columns)) == len(table.columns) == len(table.cells)
