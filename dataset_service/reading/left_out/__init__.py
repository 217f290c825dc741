"""Rules for rows of the table that are no data: each module is one, found by itself.

A rule has the `REASON` of its warning, whose sentence is in gateway/texts.py, and `find`, which returns rows by number.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import pyarrow as pa

from dataset_service.reading.cells.body import Body


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows that a rule judges: their columns, merged cells filled, and the names above them as written."""

    body: Body
    names: Sequence[str]
    columns: Sequence[pa.DictionaryArray]
    column_names: Sequence[str]
    """How the columns are called in the end."""

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.columns[0])


class Rule(Protocol):
    """One rule."""

    REASON: str

    def find(self, rows: TableRows) -> list[int]:
        """Returns the numbers, from 0, of the rows to leave out."""


RULES: Sequence[Rule] = [
    cast(Rule, importlib.import_module(f"{__name__}.{module.name}")) for module in pkgutil.iter_modules(__path__)
]
