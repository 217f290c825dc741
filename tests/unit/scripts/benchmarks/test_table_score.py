import pytest

from scripts.benchmarks.table_score import ReadTable, Score, mean, score

RIGHT = ReadTable(["구", "건수"], [("중구", "3"), ("남구", "")])
PERFECT = Score(1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    "read",
    [
        RIGHT,
        ReadTable(["구", "건수"], [("중구", "3.0"), ("남구", None)]),
        ReadTable(["건수", "구"], [("남구", ""), ("중구", "+3")]),
    ],
)
def test_table_is_right_whatever_the_order_the_form_of_numbers_and_what_stands_for_a_missing_cell(
    read: ReadTable,
) -> None:
    assert score(RIGHT, read) == PERFECT


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (ReadTable(["구", "건수"], [("중구", "4"), ("남구", "")]), Score(1, 1, 1 / 2, 5 / 6)),
        (ReadTable(["구", "건수"], [("중구", "3")]), Score(1, 1, 2 / 3, 8 / 10)),
        (ReadTable(["구", "건수", "열 3"], [("중구", "3", ""), ("남구", "", "")]), Score(1, 4 / 5, 1, 12 / 15)),
        (ReadTable(["중구", "3"], [("남구", "")]), Score(1, 0, 2 / 3, 8 / 10)),
        (ReadTable([], []), Score(1, 0, 0, 0)),
    ],
    ids=["a cell", "a row too few", "a column too many", "a row as the header", "nothing"],
)
def test_each_fault_costs_in_its_own_figures(read: ReadTable, expected: Score) -> None:
    assert score(RIGHT, read) == expected


def test_made_up_names_are_right_for_a_file_without_names() -> None:
    right = ReadTable(None, RIGHT.rows)
    assert score(right, ReadTable(["열 1", "열 2"], RIGHT.rows)) == PERFECT
    assert score(right, ReadTable(["열 1", "열 2", "열 3"], RIGHT.rows)).header == 4 / 5
    assert score(right, ReadTable(["중구", "3"], RIGHT.rows[1:])).header == 0


def test_nothing_can_be_wrong_in_a_file_without_rows() -> None:
    assert score(ReadTable(["구"], []), ReadTable(["구"], [])) == PERFECT
    assert score(ReadTable([], []), ReadTable([], [])) == PERFECT


def test_mean_counts_each_score_by_its_weight() -> None:
    assert mean([(PERFECT, 3), (Score(0, 0, 0, 0), 1)]) == Score(0.75, 0.75, 0.75, 0.75)
