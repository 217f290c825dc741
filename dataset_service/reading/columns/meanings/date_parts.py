"""Tells years, months, days and hours: whole numbers that are parts of dates."""

import re

import pyarrow as pa

from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.columns.meanings.facts import Facts, share_matching, words_of
from dataset_service.reading.columns.values.units import HOUR, MONTH

_EVENTS = (
    "발생|사고|측정|관측|기준|접수|등록|신고|거래|계약|조사|수집|작성|허가|처리|시작|종료|설치|준공|출생|사망|입력|매매|결제|이용|"
    "사용|승차|하차|운행|방문|출동|도착|출발|통계|집계|건축|개통"
)
# The last word of a name, and the numbers that it may stand for. 평일, 택시, 소요시간 and 개월 are no parts of dates.
_PARTS = {
    Meaning.YEAR: (r"^년|^연|연도|년도|^시점|^기간|(?<![개내작전금당매평청소노중장학])년|^yyyy|year", 1900, 2100),
    Meaning.MONTH: (rf"^월|(?:{_EVENTS})월|^month", 1, 12),
    Meaning.DAY: (rf"^일|(?:{_EVENTS})일|^day", 1, 31),
    Meaning.HOUR: (rf"^시|^시간|시각|시간대|(?:{_EVENTS})시간?|^hour", 0, 24),
}
_OF_UNIT = {HOUR: Meaning.HOUR, MONTH: Meaning.MONTH}
_TWO_DIGITS, _TIME_NAMES = r"^[0-9]{1,2}$", r"^분$|^초$|^minute$|^second$|(?:발생|사고|측정|관측)분$"


def find_date_part(facts: Facts) -> Meaning | None:
    """Returns what part of dates the numbers are, by name or unit and by their range."""
    if not facts.is_number:
        return None
    if facts.unit:
        return _OF_UNIT.get(facts.unit)
    part = _named_part(facts.name)
    return part if part and facts.is_within(*_PARTS[part][1:]) and facts.are_whole else None


def may_have_leading_zeros(name: str, texts: pa.Array) -> bool:
    """Tells whether texts of two digits are parts of dates, as the name says; `05` is no identifier then."""
    is_part = _named_part(name) is not None or re.search(_TIME_NAMES, words_of(name)[-1])
    return bool(is_part) and share_matching(texts, _TWO_DIGITS) == 1.0


def _named_part(name: str) -> Meaning | None:
    word = words_of(name)[-1]
    return next((part for part, (pattern, *_) in _PARTS.items() if re.search(rf"(?:{pattern})$", word)), None)
