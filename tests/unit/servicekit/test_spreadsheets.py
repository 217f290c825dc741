"""What spreadsheet programs would run is guarded, what cannot run is left alone, and each cell comes back."""

import random

import pyarrow as pa

from dataset_service.reading.columns import formula_guard
from servicekit.spreadsheets import guarded, would_run

RUNS = [
    "=1+1", "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "+A1", "-A1", "@A1", "-1+1",
    '=HYPERLINK("http://a.example","x")', '+HYPERLINK("x")', "\t=1", "\r=1", "\n=1", "＝1", "＋A1", "－A1", "＠SUM(1)",
    "-[a.xlsx]b!A1", "-이름(1)", "@이름(1)", "=", "=담당자", " =1", "\xa0=1", "-5!A1", "'=1", "''@SUM(1)",
]  # fmt: skip
CANNOT_RUN = [
    "-", "--", "- ", "-5", "+5", "-5.3%", "-1,234.5", "-1.5e-7", "+82-10-1234-5678", "+82 (0)10 1234 5678", "@담당자",
    "@홍길동 님", "@john.kim", "- 항목", "-해당 없음", "+3건", "－", "－3", "'", "'인용'", "'-5", "a=b", "a@b.kr", "",
]  # fmt: skip
ALPHABET = "''=+-@\t\n ＝－＠\xa01234,.%()!|[e가나다ABsum\""


def test_cells_that_would_run_are_guarded_and_others_left_alone() -> None:
    assert [cell for cell in RUNS if guarded(cell) != f"'{cell}"] == []
    assert [cell for cell in CANNOT_RUN if guarded(cell) != cell] == []


def test_whatever_is_guarded_comes_back() -> None:
    any_text = random.Random(5)
    cells = ["".join(any_text.choices(ALPHABET, k=any_text.randint(0, 6))) for _ in range(20_000)]
    by_cell = [guarded(cell) for cell in cells]
    by_column = formula_guard.guarded(pa.array(cells))
    assert by_column.to_pylist() == by_cell
    assert not any(would_run(cell) for cell in by_cell if not cell.startswith("'"))
    assert formula_guard.unguarded([by_column])[0].to_pylist() == cells
    # Never guarded: the apostrophes in it are its own.
    assert formula_guard.unguarded([pa.array(cells)])[0].to_pylist() == cells
