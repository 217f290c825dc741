"""Tells which texts of a column stand for no value."""

from enum import IntEnum
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc


class Gap(IntEnum):
    """Why a text holds no value."""

    NONE = 0
    """It may hold one."""
    WORD = 1
    """It is a word or sign for nothing."""
    SUPPRESSED = 2
    """There is a value, but it is not told, so that nothing is learned of a few."""
    ERROR = 3
    """A spreadsheet could not calculate it."""


REASONS = {
    Gap.WORD: "CELLS_READ_AS_MISSING",
    Gap.SUPPRESSED: "CELLS_SUPPRESSED",
    Gap.ERROR: "CELLS_WITH_ERRORS",
}
"""The reasons of the warnings about missing values."""

_WORDS = (
    "없음|해당없음|해당 없음|해당사항없음|해당사항 없음|미해당|비해당|자료없음|자료 없음|데이터없음|데이터 없음|무|"
    "미상|불명|불상|기타불명|불명확|모름|알수없음|알 수 없음|미분류|분류불능|미확인|확인불가|미기재|미입력|무응답|"
    "미제출|미측정|측정불가|미실시|미정|결측|결측치|공란|공백|빈칸|통신장애|점검중|"
    "N/A|NA|N.A.|N.A|NaN|null|none|nil|unknown|missing|not available|(null)|\\N|<NA>|―|－|ㅡ|/|_"
)
_SUPPRESSED = "X|x|ⓧ|비공개|비밀|비밀보호"
_ERRORS = "#N/A|#DIV/0!|#REF!|#VALUE!|#NAME?|#NUM!|#NULL!|#SPILL!|#CALC!|#GETTING_DATA"


def _repeated(signs: str, least: int, most: int) -> str:
    return "".join(f"|{sign * times}" for sign in signs for times in range(least, most + 1))


_GAPS = {
    spelling: gap
    for words, gap in (
        (_WORDS + _repeated("-–—.…?", 1, 10), Gap.WORD),
        (_SUPPRESSED + _repeated("*", 1, 10), Gap.SUPPRESSED),
        (_ERRORS + _repeated("#", 2, 40), Gap.ERROR),  # a number wider than its cell
    )
    for word in words.split("|")
    for spelling in (word, word.lower(), word.upper(), word.capitalize())
}


def is_gap(text: str) -> bool:
    """Tells whether a trimmed text stands for no value among numbers."""
    return text in _GAPS


def find_gaps(texts: pa.Array) -> pa.Array:
    """Returns a `Gap` for each text. They are missing values only where the other texts are numbers or dates."""
    spellings, gaps = _table()
    return pc.fill_null(gaps.take(pc.index_in(texts, spellings)), Gap.NONE)


@cache
def _table() -> tuple[pa.Array, pa.Array]:
    # Not at import: Arrow would import pandas, which csv_worker.py prevents later.
    return pa.array(list(_GAPS)), pa.array(list(_GAPS.values()), pa.int8())
