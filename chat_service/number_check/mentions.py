"""Finds the rows of tables that an answer speaks of near a number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from chat_service.number_check.known_table import KnownTable
from chat_service.number_check.written import WrittenNumber

_NEARBY = 240  # characters before and after
_MOST_NAMED = 4
_WORDS = re.compile(r"[가-힣A-Za-z]{2,}")
_SHORT_NUMERAL = re.compile(r"(?<![\d,.])\d{1,4}(?![\d,.]{0,20}\d)")
_PERIOD = re.compile(r"\d{4}-(Q?)(\d{1,2})")
_WEEKDAYS = frozenset(f"{day}{ending}" for day in "월화수목금토일" for ending in ("", "요일"))
_LAST_WORD = re.compile(r"\s+-\s+|\s+")
_OF_PROVINCES = re.compile(r"(?:특별자치|특별|광역)[시도]$|(?<=경기|강원|제주)도$")


class Mention(NamedTuple):
    """A table with the places of rows that are named nearby, and groups of rows that share a word that is nearby.

    `is_rate` is whether something is said to be per something.
    """

    table: KnownTable
    rows: Sequence[int]
    groups: Sequence[Sequence[int]]
    is_rate: bool


class Mentions:
    """What an answer names of tables."""

    def __init__(self, text: str, tables: Sequence[KnownTable]) -> None:
        self._text = text
        self._numerals: dict[str, list[int]] = {}
        for numeral in _SHORT_NUMERAL.finditer(text):
            self._numerals.setdefault(numeral[0], []).append(numeral.start())
        self._places: dict[str, list[int]] = {}
        self._tables = [(table, self._named(table), _rows_by_word(table, text)) for table in reversed(tables)]

    def near(self, number: WrittenNumber) -> Iterator[Mention]:
        """Yields the tables that a number may be derived of, the latest first."""
        nearby = self.text_near(number)
        for table, named, by_word in self._tables:
            groups = [rows for word, rows in by_word.items() if word in nearby]
            yield Mention(table, _nearest(named, number.start), groups, "당" in nearby)

    def text_near(self, number: WrittenNumber) -> str:
        """Returns the text around a number."""
        return self._text[max(0, number.start - _NEARBY) : number.start + _NEARBY]

    def _named(self, table: KnownTable) -> Mapping[int, Sequence[int]]:
        """Returns where rows are named."""
        for label in table.labels:
            if label not in self._places:
                self._places[label] = self._places_of(label)
        return {row: places for row, label in enumerate(table.labels) if (places := self._places[label])}

    def _places_of(self, label: str) -> list[int]:
        """Returns where a thing is named: by its name, the last word of that, or its month or quarter."""
        if label.isdecimal():
            return self._numerals.get(label, [])
        if period := _PERIOD.fullmatch(label):
            return self._find(f"{int(period[2])}{'분기' if period[1] else '월'}")
        last = _OF_PROVINCES.sub("", _LAST_WORD.split(label)[-1])
        return self._find(label) or (self._find(last) if len(last) > 1 else [])

    def _find(self, word: str) -> list[int]:
        if not word or word not in self._text:
            return []
        return [found.start() for found in re.finditer(re.escape(word), self._text)]


def _rows_by_word(table: KnownTable, text: str) -> Mapping[str, Sequence[int]]:
    """Returns the rows of each word that the names of several share or are called together, if the text has it."""
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(table.labels):
        for word in set(_WORDS.findall(label)):
            rows.setdefault(word, []).append(row)
        if label in _WEEKDAYS:
            for word in ("주말",) if label[0] in "토일" else ("평일", "주중"):
                rows.setdefault(word, []).append(row)
    return {word: group for word, group in rows.items() if len(group) > 1 and word in text}


def _nearest(named: Mapping[int, Sequence[int]], start: int) -> list[int]:
    distances = sorted((min(abs(place - start) for place in places), row) for row, places in named.items())
    return sorted(row for distance, row in distances[:_MOST_NAMED] if distance <= _NEARBY)
