"""What the words of a column's name say of its values, before they are read."""

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.kinds import Meaning

_IN_BRACKETS = re.compile(r"\([^)]*\)?|\[[^]]*\]?")
_BETWEEN_WORDS = re.compile(r"[\s_/·]+")
_NUMBER_BEHIND = re.compile(r"(?<=[^0-9])[0-9]$")
_EVENTS = (
    "발생|사고|측정|관측|기준|접수|등록|신고|거래|계약|조사|수집|작성|허가|처리|시작|종료|설치|준공|출생|사망|입력|매매|결제|이용|"
    "사용|승차|하차|운행|방문|출동|도착|출발|통계|집계|건축|개통"
)
# The last word of a name, and the numbers that it may stand for. 평일, 택시, 소요시간 and 개월 are no parts of dates.
PARTS_OF_DATES = {
    Meaning.YEAR: (r"^년|^연|연도|년도|^시점|^기간|^연식|(?<![개내작전금당매평청소노중장학])년|^yyyy|year", 1900, 2100),
    Meaning.MONTH: (rf"^월|(?:{_EVENTS})월|^month", 1, 12),
    Meaning.DAY: (rf"^일|(?:{_EVENTS})일|^day", 1, 31),
    Meaning.HOUR: (rf"^시|^시간|시각|시간대|(?<!총)(?:{_EVENTS})시간?|^hour", 0, 24),
}
_TWO_DIGITS, _TIME_NAMES = r"^[0-9]{1,2}$", r"^분$|^초$|^minute$|^second$|(?:발생|사고|측정|관측)분$"


def words_of(name: str) -> tuple[str, ...]:
    """Returns the words of a name in lower case, without what stands in brackets and a digit at its end."""
    plain = _IN_BRACKETS.sub(" ", unicodedata.normalize("NFKC", name)).casefold()
    words = [_NUMBER_BEHIND.sub("", word) for word in _BETWEEN_WORDS.split(plain) if word]
    return tuple(words) or ("",)


def named_part_of_dates(name: str) -> Meaning | None:
    """Returns what part of dates a name tells of, whatever the values are."""
    word = words_of(name)[-1]
    return next((part for part, (pattern, *_) in PARTS_OF_DATES.items() if re.search(rf"(?:{pattern})$", word)), None)


def may_have_leading_zeros(name: str, texts: pa.Array) -> bool:
    """Tells whether texts of two digits are parts of dates, as the name says; `05` is no identifier then."""
    is_part = named_part_of_dates(name) is not None or re.search(_TIME_NAMES, words_of(name)[-1])
    return bool(is_part and pc.all(pc.match_substring_regex(texts, _TWO_DIGITS)).as_py())
