"""The rules that make values of the texts of a column, in the order in which they are tried."""

from collections.abc import Callable

import pyarrow as pa

from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.values.booleans import read_booleans
from dataset_service.reading.columns.values.compact import read_compact_moments
from dataset_service.reading.columns.values.moments import read_moments
from dataset_service.reading.columns.values.money_words import read_money_words
from dataset_service.reading.columns.values.months import read_months
from dataset_service.reading.columns.values.numbers import read_integers, read_numbers
from dataset_service.reading.columns.values.quarters import read_quarters
from dataset_service.reading.columns.values.times import read_times
from dataset_service.reading.columns.values.value_rule import Values
from dataset_service.reading.columns.values.years import read_years

RULES: tuple[tuple[ColumnKind, Callable[[pa.Array, str], Values]], ...] = (
    (ColumnKind.BOOLEAN, read_booleans),
    (ColumnKind.DATE, read_compact_moments),
    (ColumnKind.DATE, read_moments),
    (ColumnKind.DATE, read_months),
    (ColumnKind.DATE, read_quarters),
    (ColumnKind.DATE, read_years),
    (ColumnKind.INTEGER, read_integers),
    (ColumnKind.NUMBER, read_numbers),
    (ColumnKind.INTEGER, read_money_words),
    (ColumnKind.TIME, read_times),
)
"""A rule reads trimmed distinct texts, null where there is no value, of a column with a name."""
