"""Finds the region that a text of public data names: by names as people write them, by codes, in addresses."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from servicekit.korea.names import SEJONG, Region, present_code, regions

Reason = Literal["UNKNOWN", "AMBIGUOUS"]
UNKNOWN: Reason = "UNKNOWN"
AMBIGUOUS: Reason = "AMBIGUOUS"

# Names of a 시도 besides its official one. 전남광주통합특별시 (2026-07-01) is both that it was made of, whose codes are
# those of nearly all data; what follows its name decides which.
_SIDO_NAMES: Mapping[str, str] = {
    "11": "서울 서울시",
    "26": "부산 부산시 부산직할시",
    "27": "대구 대구시 대구직할시",
    "28": "인천 인천시 인천직할시",
    "29": "광주 광주시 광주직할시 전남광주통합특별시",
    "30": "대전 대전시 대전직할시",
    "31": "울산 울산시",
    "41": "경기",
    "43": "충북",
    "44": "충남",
    "46": "전남 전남광주통합특별시",
    "47": "경북",
    "48": "경남",
    "50": "제주 제주도",
    "51": "강원 강원도",
    "52": "전북",
    SEJONG: "세종 세종시 세종특별자치시",
}
# A former 시도, and a name that files of the police shorten.
_OTHER_NAMES = (("47", "군위군", "27720"), ("26", "진구", "26230"))
_CODE = re.compile(r"[0-9]{2}|[0-9]{5}|[0-9]{8}|[0-9]{10}")
_BRACKETED = re.compile(r"\(([^()]*)\)?")
_BETWEEN_NAMES = re.compile(r"[_/>|,]|(?<=[가-힣])[-·](?=[가-힣])")
_POSTCODE = re.compile(r"[0-9]{5}|[0-9]{3}-[0-9]{3}")
WORDS_FOR_NONE = frozenset(
    (
        "전국",
        "전체",
        "계",
        "합계",
        "소계",
        "총계",
        "기타",
        "미상",
        "불명",
        "미분류",
        "미확인",
        "없음",
        "해당없음",
        "해당 없음",
        "-",
    )
)
"""In the place of a region they name none; beside one they mean all of it, or an unknown part."""
_ENDS_OF_TOWNS = "읍면동리가"
_LONGEST_NAME = 10
_TEXTS_REMEMBERED = 65_536

_Codes = frozenset[str]
"""Codes of regions that a text may name; the names that follow leave fewer."""
_ANYWHERE: _Codes = frozenset(("",))
_NONE: _Codes = frozenset()


class Match(NamedTuple):
    """The region that a text names, or why there is none."""

    region: Region | None
    reason: Reason | None = None
    digits: int = 0
    """Length of the codes of the regions that it may name; 0 if it is unknown."""


def find_region(*parts: str) -> Region | None:
    """Returns the region that the text names, or that several do together, from the greater region to the smaller."""
    return match(parts).region


def match(parts: Sequence[str]) -> Match:
    """Returns the most precise region that the parts name together, each of which may name regions around it as well.

    A name that several regions have is ambiguous, unless what stands before or after it leaves one.
    """
    codes = _ANYWHERE
    for part in parts:
        if part.strip() not in WORDS_FOR_NONE:
            codes = _named_within(codes, part)
    if codes in (_ANYWHERE, _NONE):
        return Match(None, UNKNOWN)
    digits = min(map(len, codes))
    return Match(regions()[next(iter(codes))], None, digits) if len(codes) == 1 else Match(None, AMBIGUOUS, digits)


@lru_cache(_TEXTS_REMEMBERED)
def _named_within(around: _Codes, text: str) -> _Codes:
    """Returns the regions within those around that the text may name; none if it names others."""
    plain = unicodedata.normalize("NFKC", text)
    words = [word for word in _BETWEEN_NAMES.sub(" ", _BRACKETED.sub(" ", plain)).split() if word != "대한민국"]
    if len(words) > 1 and _POSTCODE.fullmatch(words[0]):
        del words[0]
    if all(len(word) == 1 for word in words):  # 중   구
        words = ["".join(words)] if words else []
    if by_code := _of_code("".join(words)):
        return _those_in(by_code, around) or _those_in(around, by_code)
    codes = _of_words(around, words)
    if not codes and around != _ANYWHERE:  # it may repeat what is known
        alone = _of_words(_ANYWHERE, words)
        codes = _those_in(alone, around) or _those_in(around, alone)
        if not codes and words and words[-1][-1] in _ENDS_OF_TOWNS:  # 신천1.2동: offices have other towns than the law
            codes = frozenset(code for code in around if len(code) >= 5)
    for inner in _BRACKETED.findall(plain):
        codes = _of_bracket(codes, inner.partition(",")[0])
    return codes


def _of_code(text: str) -> _Codes:
    """Returns the region of a code with 2, 5, 8 or 10 digits; that around it if only that is known."""
    if not _CODE.fullmatch(text):
        return _NONE
    if len(text) == 10:
        text = text[:2] if text.endswith("00000000") else text[:5] if text.endswith("00000") else text[:8]
    code = present_code(text)
    if code not in regions():
        code = code[:5]
    return frozenset((SEJONG if code == SEJONG[:2] else code,)) if code in regions() else _NONE


def _of_words(around: _Codes, words: Sequence[str]) -> _Codes:
    """Returns what the first words may name, up to one that is no name: then an address goes on."""
    codes = around
    for index, word in enumerate(words):
        is_road = word[-1] == "로" and index + 1 < len(words)  # 세종로 is a town as well
        named = _NONE if is_road else _of_joined_names(codes, word)
        if not named and index and codes <= _children(_ANYWHERE, word):
            continue  # 세종특별자치시 세종시
        if not named:
            goes_on = index > 0 and not all(
                # A town without the regions around it is one only if nothing else follows, and 대구 has no 관악구.
                (len(code) == 8 and around == _ANYWHERE and index == 1 and not word[0].isdigit() and word[-1] != "리")
                or (len(code) == 2 and word[-1] in "시군구")
                for code in codes
            )
            return codes if goes_on else _NONE
        codes = named
    return codes


def _of_joined_names(codes: _Codes, word: str) -> _Codes:
    """Returns what a word of names without spaces between them may name; the number of a house may follow."""
    for end in range(min(len(word), _LONGEST_NAME), 0, -1):
        named = _children(codes, word[:end])
        if named and end < len(word) and not word[end].isdigit():
            named = _of_joined_names(named, word[end:])
        if named:
            return named
    return _NONE


def _of_bracket(codes: _Codes, inner: str) -> _Codes:
    """Returns the regions that remain with what stands in brackets behind them."""
    if len(codes) == 1:  # 달구벌대로 2450 (범어동)
        return _children(codes, inner.strip()) or codes
    named = _of_code(inner) or _of_words(_ANYWHERE, inner.split())  # 중구 (2711000000), 중구 (대구)
    return (_those_in(codes, named) or _those_in(named, codes) if codes else named) or codes


def _children(around: _Codes, name: str) -> _Codes:
    tree = _tree()
    return frozenset(code for one in around for code in tree.get(one, {}).get(name, ()))


def _those_in(codes: _Codes, around: _Codes) -> _Codes:
    cities = _cities()
    return frozenset(
        code for code in codes if any(code.startswith(one) or cities.get(code[:5]) == one for one in around)
    )


@cache
def _cities() -> Mapping[str, str]:
    """Returns the code of its city for each district that is not a 시군구 by itself."""
    by_name = {(code[:2], region.own_name): code for code, region in regions().items() if len(code) == 5}
    return {
        code: by_name[code[:2], region.own_name.split(" ")[0]]
        for code, region in regions().items()
        if len(code) == 5 and " " in region.own_name
    }


@cache
def _tree() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Returns for each region, by code, what is in it by name; for an empty code everything."""
    tree: dict[str, dict[str, list[str]]] = {}

    def add(around: str, name: str, code: str) -> None:
        codes = tree.setdefault(around, {}).setdefault(name, [])
        if code not in codes:
            codes.append(code)

    for code, region in regions().items():
        if len(code) == 2:
            names = [] if code == SEJONG[:2] else [region.own_name, region.former_name]
        elif len(code) == 5:
            names = [part for name in (region.own_name, region.former_name) for part in _parts(name)]
        else:
            names = [region.own_name, region.former_name]
            # A 면 that becomes a 읍 keeps the rest of its name.
            names += [name[:-1] + other for name in names if name for end, other in ("면읍", "읍면") if name[-1] == end]
        around = dict.fromkeys(("", code[:2], code[:5], _cities().get(code[:5], "")))
        for name in filter(None, names):
            for one in around:
                if one != code:
                    add(one, name, code)
        if len(code) == 5 and region.own_name[-1] in "시군" and len(region.own_name) > 2:
            add(code[:2], region.own_name[:-1], code)  # 경북 포항
    for province, name, code in _OTHER_NAMES:
        add(province, name, code)
    for code, names_of_sido in _SIDO_NAMES.items():
        for name in names_of_sido.split():
            add("", name, code)
    return tree


def _parts(name: str) -> Sequence[str]:
    """Returns `수원시장안구` and `장안구` for `수원시 장안구`."""
    return (name.replace(" ", ""), name.split(" ")[-1]) if " " in name else (name,)
