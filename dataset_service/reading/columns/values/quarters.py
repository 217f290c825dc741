"""Reads quarters."""

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.kinds import Precision
from dataset_service.reading.columns.values.date_names import says_number
from dataset_service.reading.columns.values.parts import YEAR, are_plausible, find_parts, moments_of, unread, where
from dataset_service.reading.columns.values.value_rule import Values

_LETTER_FIRST = r"^(?:([1-4])[Qq]|[Qq]([1-4]))[ '/.-]*([0-9]{4}|[0-9]{2})$"
_QUARTER = (
    rf"^{YEAR}(?P<sign>-|/|_|\.| *년|)(?P<space> *)"
    r"(?:(?P<of_four>[1-4]) ?/ ?4(?P<word> ?분기)?|제? ?(?P<in_words>[1-4]) ?분기"
    r"|[Qq](?P<letter>[1-4])|(?P<before_letter>[1-4])[Qq])$"
)
_HINT = "[Qq]|분기|/ ?4$"


def read_quarters(texts: pa.Array, name: str) -> Values:
    """Reads `2024.1/4`, `2024년 1/4분기`, `2024년 1분기`, `2024-Q1`, `1Q24` and `24.1분기`; halves of years stay text.

    `24 1/4` and `24-1/4` are numbers with a fraction, and `2024.1/4` one of two in a column of numbers.
    """
    parts = find_parts(pc.replace_substring_regex(texts, _LETTER_FIRST, r"\3Q\1\2"), _QUARTER, _HINT)
    if parts is None:
        return unread(texts)
    year, is_short = parts.years()
    is_fraction = parts.have("of_four") & (parts.lengths("word") == 0)
    is_read = are_plausible(year) & parts.have("sign", "space", "letter")
    is_read &= ~is_fraction | ~(parts.are("sign", "/") | says_number(name))
    is_read &= ~is_fraction | ~is_short | parts.are("sign", ".", "년", " 년") | parts.have("mark")
    month = 3 * parts.numbers("of_four", "in_words", "letter", "before_letter") - 2
    cells = where(is_read, moments_of(year, month, month * 0 + 1))
    return Values(cells, precision=Precision.QUARTER, told={"YEARS_OF_TWO_DIGITS": is_short & is_read})
