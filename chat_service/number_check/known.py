"""The numbers that an answer may rest on: those of tool results, of the dataset, and of what was said before."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Any

from chat_service.answers import ToolCall
from chat_service.number_check.known_table import KnownTable, Numbers

_MOST_ROWS = 100  # that are compared with each other: the model reads no more
_MOST_OF_LEAD = 12
_MOST_READ = 1_000
_MOST_TABLES = 20
_MOST_WITH_RESTS = 60
_HAS_DIGIT = re.compile(r"\d")
_NUMERAL = re.compile(r"(?<![\d.,])(?<!\d[:-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d:]|-\d)")
_NUMBER_CELL = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?=\s?\D{0,4}$)")


@dataclass(frozen=True, slots=True)
class Known:
    """All numbers that are known. `names` are names of things that hold digits.

    `fractions` are those between 0 and 1, `rests` the differences of totals that were told last.
    """

    numbers: Numbers
    fractions: Numbers
    rests: frozenset[float]
    names: frozenset[str]
    most_rows: int


@dataclass(slots=True)
class Collector:
    """Collects what is known.

    Totals are numbers that others may be shares of: of rows, in the first line of a result, sums and means of columns.
    """

    _numbers: list[float] = field(default_factory=list)
    _totals: list[float] = field(default_factory=list)
    _tables: list[Mapping[str, Any]] = field(default_factory=list)
    _texts: set[str] = field(default_factory=set)
    _most_rows: int = 0

    def add_text(self, text: str) -> None:
        """Adds the numbers of a text."""
        self._numbers += _numerals(text)

    def add_numbers(self, numbers: Iterable[float]) -> None:
        """Adds numbers."""
        self._numbers += numbers

    def add_total(self, number: float) -> None:
        """Adds a number that others may be shares of."""
        self._totals.append(number)

    def add_call(self, call: ToolCall) -> None:
        """Adds the arguments and the result of a tool."""
        self.add_text(call.use.arguments_json)
        self.add_text(call.error)
        if call.result is None:
            return
        lead, _, rest = call.result.text.partition("\n")
        of_lead = _numerals(lead)
        self.add_text(rest)
        self._numbers += of_lead
        used, missing = call.result.rows_used, call.result.rows_missing
        self._totals += (*of_lead[:_MOST_OF_LEAD], used, missing, used + missing)
        if call.result.table:
            self._add_table(call.result.table)

    def _add_table(self, table: Mapping[str, Any]) -> None:
        rows = table["rows"][:_MOST_READ]
        self._tables.append(table)
        self._totals += (table["total_rows"], len(table["rows"]))
        self._most_rows = max(self._most_rows, len(rows))
        cells = list(chain.from_iterable(rows))
        self._numbers += [cell for cell in cells if isinstance(cell, int | float)]
        self._texts.update(table["columns"], (cell for cell in cells if isinstance(cell, str)))

    def known(self) -> Known:
        """Returns what was collected."""
        numbers, names = [*self._numbers, *self._totals], set()
        for text in self._texts:
            number = _NUMBER_CELL.match(text)
            if number:
                numbers.append(float(number[0].replace(",", "")))
            elif len(text) > 1 and _HAS_DIGIT.search(text):
                names.add(text)
        latest = list(dict.fromkeys(self._totals))[-_MOST_WITH_RESTS:]
        return Known(
            Numbers(numbers),
            Numbers(number for number in numbers if -1 < number < 1),
            frozenset(abs(one - other) for one, other in combinations(latest, 2)),
            frozenset(names),
            self._most_rows,
        )

    def tables(self) -> tuple[list[KnownTable], Numbers]:
        """Returns the latest tables with rows and columns to compare, and the totals with those of the tables."""
        tables = [
            KnownTable.of(table["rows"][:_MOST_ROWS], is_whole=table["total_rows"] <= len(table["rows"][:_MOST_ROWS]))
            for table in self._tables[-_MOST_TABLES:]
            if len(table["rows"]) > 1 and len(table["columns"]) > 1
        ]
        return tables, Numbers([*self._totals, *(value for table in tables for value in (*table.sums, *table.means))])


def _numerals(text: str) -> list[float]:
    return [float(numeral.replace(",", "")) for numeral in _NUMERAL.findall(text)]
