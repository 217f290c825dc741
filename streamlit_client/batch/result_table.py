"""The results of a batch as the gateway writes them: columns of the rows or the inputs, and six of the results."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from streamlit_client import texts, texts_datasets
from streamlit_client.backend.contract_datasets import Column


@dataclass(frozen=True, slots=True)
class Results:
    """Rows and their results, in two frames of equal length; `numbers` count the rows of the batch from 1.

    The columns of `predicted` are texts.RESULT_COLUMNS, in the file they have the names in `headers`. Results without a
    prediction have missing numbers and a text in the last column. `columns` has what is known of those of the rows.
    """

    numbers: pd.Series
    rows: pd.DataFrame
    predicted: pd.DataFrame
    headers: list[str]
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Actual, predicted and expected ECLO of the rows that have all three."""

    actual: Sequence[float]
    predicted: Sequence[float]
    expected: Sequence[float]


def read_results(content: bytes, columns: tuple[Column, ...] = ()) -> Results:
    """Reads a CSV file of results, whose rows may be of a dataset with these columns."""
    frame = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig", dtype=str, keep_default_na=False)
    count = len(texts.RESULT_COLUMNS)
    rows, predicted = frame.iloc[:, :-count], frame.iloc[:, -count:]
    headers = list(predicted.columns)
    predicted = predicted.set_axis(texts.RESULT_COLUMNS, axis=1)
    for name in texts.RESULT_NUMBERS:
        predicted[name] = pd.to_numeric(predicted[name])
    if headers == list(texts.RESULT_COLUMNS):  # of accidents, which are numbered
        rows = rows.iloc[:, 1:]
    numbers = pd.Series(range(1, len(frame) + 1), name=texts.RESULT_NUMBER)
    texts_of_dataset = {column.name for column in columns if column.type not in ("integer", "number")}
    rows = rows.apply(lambda cells: cells if cells.name in texts_of_dataset else _typed(cells))
    return Results(numbers, rows, predicted, headers, columns)


def compare(results: Results) -> Comparison | None:
    """Returns actual, predicted and expected ECLO; None if the rows have neither ECLO nor casualty counts."""
    if texts.ECLO in results.rows:
        weights = {texts.ECLO: 1}
    elif set(texts_datasets.CASUALTY_WEIGHTS) <= set(results.rows.columns):
        weights = dict(texts_datasets.CASUALTY_WEIGHTS)
    else:
        return None
    parts = [weight * pd.to_numeric(results.rows[name], errors="coerce") for name, weight in weights.items()]
    compared = pd.DataFrame(
        {
            "actual": sum(parts[1:], parts[0]),
            "predicted": results.predicted[texts.ECLO],
            "expected": results.predicted[texts.EXPECTED],
        }
    ).dropna()
    return None if compared.empty else Comparison(*(tuple(compared[name]) for name in compared))


def _typed(column: pd.Series) -> pd.Series:
    """Returns numbers if all texts are, so that the table sorts them; digits with leading zeros are ids."""
    filled = column[column != ""]
    if pd.to_numeric(filled.iloc[:1], errors="coerce").isna().any() or filled.str.match(r"[+-]?0\d").any():
        return column
    numbers = pd.to_numeric(filled, errors="coerce")
    return column if numbers.isna().any() else numbers.reindex(column.index).convert_dtypes()
