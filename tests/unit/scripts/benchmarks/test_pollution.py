from dataclasses import asdict
from pathlib import Path

import pytest

from scripts.benchmarks.polluted_files import PollutedFile, polluted_files
from scripts.benchmarks.pollution import DATA, GOALS, SOURCES, Source, mean_of, read, score_kinds, tidy_table
from scripts.benchmarks.table_score import REFUSED, ReadTable, Score

RIGHT = ReadTable(("구", "건수"), [("중구", "3")])
# Without a factor in common with the number of columns, so that every column has its turn.
_STEP = 29


@pytest.mark.needs_data
@pytest.mark.skipif(not DATA.is_dir(), reason="the real public data is not there (DATA_DIR)")
def test_reader_meets_the_goals_on_polluted_public_files() -> None:
    kinds = (score_kinds(read, polluted_files(tidy_table(DATA, source)), step=_STEP) for source in SOURCES)
    reached = asdict(mean_of(kind for each in kinds for kind in each.values()).score)
    missed = {name: reached[name] for name, goal in asdict(GOALS).items() if reached[name] < goal}
    assert not missed


def test_kind_is_the_mean_of_every_second_file_and_counts_all() -> None:
    files = [PollutedFile("kind", content, RIGHT) for content in (b"good", b"-", b"refused", b"-", b"good")]

    kinds = score_kinds({b"good": RIGHT, b"refused": None}.__getitem__, files, step=2)

    assert kinds["kind"].files == 5
    assert kinds["kind"].score.loaded == pytest.approx(2 / 3)


def test_mean_of_kinds_counts_each_by_its_files() -> None:
    good, bad = PollutedFile("good", b"good", RIGHT), PollutedFile("bad", b"", RIGHT)
    kinds = score_kinds(lambda content: RIGHT if content else None, [good, good, good, bad])
    assert kinds["bad"].score == REFUSED
    assert mean_of(kinds.values()).score == Score(0.75, 0.75, 0.75, 0.75)


def test_columns_of_a_source_are_joined_to_texts_with_commas_quotes_and_apostrophes(tmp_path: Path) -> None:
    lines = ["구,길,곳", *["중구,종로,역"] * 100]
    (tmp_path / "places.csv").write_text("\r\n".join(lines), "cp949")

    tidy = tidy_table(tmp_path, Source("places.csv", "cp949", "구 길+곳 비고"))

    assert (tidy.columns, tidy.quoted, len(tidy.rows)) == (("구", "곳", "비고"), frozenset({1}), 83)
    assert [tidy.rows[row] for row in (0, 1, 6)] == [
        ("중구", "종로, 역", ""),
        ("중구", '종로, "역"', ""),
        ("중구", "종로, '역'", ""),
    ]


def test_product_reads_names_and_cells_or_refuses() -> None:
    assert read("구,건수\n중구,3\n남구,NA\n".encode()) == ReadTable(("구", "건수"), [("중구", "3"), ("남구", None)])
    assert read(b"") is None
