"""Parts of dates and times: named groups of a pattern in each text, and moments made of them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.value_rule import Values

MOMENT = pa.timestamp("ms")
DAY_MILLISECONDS = 86_400_000
YEAR = "(?:(?P<year>[0-9]{4})|(?P<mark>['‘’`]?)(?P<short>[0-9]{2}))"
"""Pattern of a year of four or, as `19` or `'19`, of two digits."""
_FIRST_SHORT_YEAR = 69
"""As in POSIX: 69 to 99 are of the 20th century, 00 to 68 of the 21st."""


class Parts:
    """Groups of a pattern in texts. Texts that do not match, and nulls, have empty groups."""

    def __init__(self, groups: pa.StructArray) -> None:
        self._groups = groups

    def words(self, *names: str) -> pa.Array:
        """Returns the groups as text; of several, the one that matched."""
        found = [self._groups.field(name) for name in names]
        return pc.binary_join_element_wise(*found, "") if len(found) > 1 else found[0]

    def numbers(self, *names: str) -> Any:
        """Returns the groups as int64; 0 for an empty one."""
        words = self.words(*names)
        return pc.cast(pc.if_else(pc.equal(words, ""), "0", words), pa.int64()).to_numpy()

    def have(self, *names: str) -> Any:
        """Tells which texts have any of the groups."""
        return self.lengths(*names) > 0

    def lengths(self, *names: str) -> Any:
        """Returns the number of bytes of the groups."""
        return sum(pc.binary_length(self._groups.field(name)).to_numpy() for name in names)

    def are(self, name: str, *words: str) -> Any:
        """Tells whether the group is one of the words."""
        return pc.is_in(self._groups.field(name), pa.array(words)).to_numpy(zero_copy_only=False)

    def years(self) -> tuple[Any, Any]:
        """Returns the years of the pattern `YEAR`, 0 for none, and which of them have two digits.

        Beside years of four digits, those of two are none.
        """
        years, short = self.numbers("year"), self.numbers("short")
        is_short = self.have("short")
        if (years > 0).any():
            return years, np.zeros_like(is_short)
        return np.where(is_short, full_years(short), 0), is_short


def find_parts(texts: pa.Array, pattern: str, hint: str) -> Parts | None:
    """Returns the groups of a pattern in texts, None if no text matches it.

    What matches the pattern has the `hint` in it, which is told much faster.
    """
    if not pc.any(pc.match_substring_regex(texts, hint)).as_py():
        return None
    groups = pc.extract_regex(texts, pattern)
    return Parts(groups) if groups.null_count < len(groups) else None


def unread(texts: pa.Array, kind: pa.DataType = MOMENT) -> Values:
    """Returns nothing for each text."""
    return Values(pa.nulls(len(texts), kind))


def full_years(short: Any) -> Any:
    """Returns years of two digits as whole ones."""
    return short + np.where(short >= _FIRST_SHORT_YEAR, 1900, 2000)


def are_plausible(years: Any) -> Any:
    """Tells which years are those of public data."""
    return (years >= 1900) & (years <= 2100)


def moments_of(year: Any, month: Any, day: Any, milliseconds: Any = 0) -> pa.Array:
    """Returns the moments so many milliseconds after the days, null for those that the calendar does not have."""
    is_month = (year >= 1) & (month >= 1) & (month <= 12)
    months = np.where(is_month, (year - 1970) * 12 + month - 1, 0)
    first_days = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    lengths = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64) - first_days
    is_day = is_month & (day >= 1) & (day <= lengths)
    return pa.array((first_days + day - 1) * DAY_MILLISECONDS + milliseconds, MOMENT, mask=~is_day)


def where(is_kept: Any, values: pa.Array) -> pa.Array:
    """Returns the values that are kept, the others as null."""
    return pc.if_else(pa.array(is_kept), values, pa.scalar(None, values.type))


def are_years_last(first: Any, last: Any) -> bool:
    """Tells whether the first of three numbers of two digits are days or months rather than years.

    Years differ less than days do: `01/02/19` and `02/02/19` are not years first.
    """
    return len(np.unique(first)) > len(np.unique(last))
