"""Splits the rows of a dataset into batches, and joins their results. Independent of the page."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from streamlit_client import texts, texts_datasets
from streamlit_client.backend.contract import Accident
from streamlit_client.files.csv_columns import ReadAccidents
from streamlit_client.files.csv_file import MOST_ROWS, CsvTable
from streamlit_client.files.csv_output import write_csv

MOST_COLUMNS = 1_000 - len(texts_datasets.PREDICT_COLUMNS)
"""Leaves room for the result columns: the dataset service accepts 1,000."""

# For a row with a prediction; an error note takes more.
_RESULT_BYTES = 60


@dataclass(frozen=True, slots=True)
class Comparison:
    """Actual, predicted and expected ECLO of the rows that have all three."""

    actual: Sequence[float]
    predicted: Sequence[float]
    expected: Sequence[float]


def expected_bytes(table: CsvTable) -> int:
    """Returns the estimated size of the table with its results, in bytes."""
    return len(write_csv([table.columns, *table.rows])) + _RESULT_BYTES * len(table.rows)


def split_into_batches(accidents: Sequence[Accident]) -> Iterator[Sequence[Accident]]:
    """Yields the accidents in parts of at most one batch."""
    for start in range(0, len(accidents), MOST_ROWS):
        yield accidents[start : start + MOST_ROWS]


def result_rows(contents: Sequence[bytes]) -> list[list[str]]:
    """Returns the results of all batches, in order: ECLO, expected ECLO, word, low, high, error."""
    rows: list[list[str]] = []
    for content in contents:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        rows += [[row[name] for name in texts.RESULT_COLUMNS] for row in reader]
    return rows


def compare(table: CsvTable, read: ReadAccidents, results: list[list[str]]) -> Comparison | None:
    """Returns actual, predicted and expected ECLO; None if the table has neither ECLO nor casualty counts."""
    actual_of = _actual_reader(table)
    if actual_of is None:
        return None
    compared = []
    for index, result in zip(read.rows, results, strict=True):
        actual = actual_of(table.rows[index])
        if actual is not None and result[0]:
            compared.append((actual, float(result[0]), float(result[1])))
    return Comparison(*zip(*compared, strict=True)) if compared else None


def _actual_reader(table: CsvTable) -> Callable[[Sequence[str]], float | None] | None:
    names = {name: index for index, name in enumerate(table.columns)}
    if texts.ECLO in names:
        weights = {names[texts.ECLO]: 1}
    elif set(texts_datasets.CASUALTY_WEIGHTS) <= set(names):
        weights = {names[name]: weight for name, weight in texts_datasets.CASUALTY_WEIGHTS.items()}
    else:
        return None

    def actual(row: Sequence[str]) -> float | None:
        try:
            return sum(float(row[index]) * weight for index, weight in weights.items())
        except ValueError:
            return None

    return actual


def free_names(columns: Sequence[str]) -> list[str]:
    """Returns the names of the result columns, numbered where the dataset has them already."""
    taken = set(columns)
    names = []
    for name in texts_datasets.PREDICT_COLUMNS:
        free, number = name, 2
        while free in taken:
            free, number = texts.REPEATED_COLUMN.format(name=name, number=number), number + 1
        names.append(free)
    return names
