"""Files of every sort are read as expected, or refused in words and lines."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_service.errors import CsvRefused
from dataset_service.reading.csv_file import CsvTable, read_csv
from dataset_service.reading.reading import Reading
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
        got = Read(table.columns, rows_of(table), table.reading.encoding, table.reading.delimiter, warnings)
    except CsvRefused as refusal:
        wanted = seed.expected.facts if isinstance(seed.expected, Refused) else ()
        got = Refused(refusal.reason, tuple((name, refusal.facts.get(name, "")) for name, _ in wanted))
    assert got == seed.expected


def test_every_problem_but_the_limits_of_the_process_is_among_the_seeds() -> None:
    seen = {dict(seed.expected.facts).get("problem") for seed in SEEDS if isinstance(seed.expected, Refused)}
    assert csv_problems() - {"TOO_COMPLEX", "ENCODING_UNKNOWN"} <= seen


@pytest.mark.parametrize("seed", SEEDS, ids=[seed.name for seed in SEEDS])
def test_reading_that_was_found_reads_the_file_in_the_same_way(seed: Seed) -> None:
    if isinstance(seed.expected, Read):
        found = read_csv(seed.content)
        again = read_csv(seed.content, found.reading)
        assert (again.columns, rows_of(again), again.reading) == (found.columns, rows_of(found), found.reading)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_refusal(content: bytes) -> None:
    for encoding in ("", "cp949", "utf-16"):
        try:
            table = read_csv(content, Reading(encoding=encoding))
        except CsvRefused:
            continue
        assert all(len(column) == len(table.cells[0]) for column in table.cells)
        assert len(set(table.columns)) == len(table.columns) == len(table.cells)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        (
            "구군,면적,인구\n(단위),㎢,명\n중구,7.06,91\n동구,182.1,340\n",
            {"구군": "(단위)", "면적": "㎢", "인구": "명"},
        ),
        ("구군,면적,인구\n중구,7.06,91\n동구,182.1,340\n", {}),
    ],
)
def test_units_below_the_names_are_those_of_the_columns(text: str, units: dict[str, str]) -> None:
    assert read_csv(text.encode()).units == units


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("구,건수\n중구,3\n동구,5\n", []),
        ("가게 현황\n좌표계: EPSG:5181\n\n구,건수\n중구,3\n동구,5\n", ["가게 현황", "좌표계: EPSG:5181"]),
        ("구,건수\n중구,3\n동구,5\n\n※ 좌표계: EPSG:5181\n", ["※ 좌표계: EPSG:5181"]),
    ],
)
def test_text_around_the_table_is_kept_as_notes(text: str, notes: list[str]) -> None:
    table = read_csv(text.encode())
    assert [line for line in table.notes.splitlines() if line] == notes
    assert read_csv(text.encode(), table.reading).notes == table.notes
