"""What is known of a column when its meaning is found."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.values.gaps import Gap, find_gaps
from dataset_service.reading.columns.values.name_words import words_of

_SAMPLE = 200


def sample_of(values: pa.Array) -> pa.Array:
    """Returns at most 200 of the values, from all over them."""
    if len(values) <= _SAMPLE:
        return values
    return values.take(np.linspace(0, len(values) - 1, _SAMPLE, dtype=np.int64))


def share_matching(texts: pa.Array, pattern: str) -> float:
    """Returns the share of texts that match; 0 if there are none."""
    return float(pc.mean(pc.match_substring_regex(texts, pattern)).as_py() or 0.0)


@dataclass(frozen=True)
class Facts:
    """The name, kind, unit and distinct values, in order of appearance, of a column."""

    name: str
    kind: ColumnKind
    unit: str
    values: pa.Array

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name; the last one says what it is."""
        return words_of(self.name)

    @cached_property
    def texts(self) -> pa.Array:
        """At most 200 of the texts, trimmed, without those for no value."""
        sample = pc.utf8_trim_whitespace(sample_of(self.values))
        return sample.filter(pc.equal(find_gaps(sample), Gap.NONE))

    @property
    def is_number(self) -> bool:
        """Whether there are numbers."""
        return self.kind in (ColumnKind.INTEGER, ColumnKind.NUMBER)

    def ends_with(self, pattern: str) -> bool:
        """Tells whether the last word of the name ends so; the pattern may bind its beginning."""
        return bool(re.search(rf"(?:{pattern})$", self.words[-1]))

    def any_word_ends_with(self, pattern: str) -> bool:
        """Tells whether any word of the name ends so."""
        return any(re.search(rf"(?:{pattern})$", word) for word in self.words)

    def is_within(self, least: float, most: float) -> bool:
        """Tells whether all numbers lie within bounds."""
        bounds = pc.min_max(self.values).as_py()
        return bounds["min"] is not None and least <= bounds["min"] and bounds["max"] <= most

    @cached_property
    def are_whole(self) -> bool:
        """Whether all numbers are whole, as are those of `2021.0`."""
        return self.kind is ColumnKind.INTEGER or bool(pc.all(pc.equal(self.values, pc.floor(self.values))).as_py())
