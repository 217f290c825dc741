"""Chooses Korean particles by the word before them: 을/를, 이/가, 은/는, 과/와, 으로/로."""

import re
from typing import Final

# After a consonant, after a vowel. 로 also follows ㄹ.
_FORMS: Final = {
    "을(를)": ("을", "를"),
    "이(가)": ("이", "가"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
}
_OPEN = re.compile("|".join(map(re.escape, _FORMS)))
_FURTHEST = 100  # a word followed by brackets
_QUOTES = "’”'\"」』》〉`*"
_ASIDE = re.compile(r"(?<=\S)\s*\([^()]*\)$")
_DIGITS = ("ㅇ", "ㄹ", "", "ㅁ", "", "", "ㄱ", "ㄹ", "ㄹ", "")  # 영·십·백·천·만, 일, 이, 삼 …
_LETTERS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}  # 엘, 엠, 엔, 알; the names of all others end in a vowel
_UNITS = {"%": "", "℃": "", "㎡": "", "㎞": "", "㎏": "ㅁ"}
# English words as written in Korean: 칼럼, 스팸, 라벨; 핑; 맵, 셋, 챗, but 테스트, 포인트.
_WORD_ENDS = re.compile(r"(?P<l>l)$|(?:[mn]|ng)$|(?<![aeiou])[aeiou][bckpt]$")


def choose_particles(sentence: str) -> str:
    """Returns the sentence with its open particles (`을(를)`, `(으)로` …) resolved by the word before each.

    A particle stays open where the pronunciation of the word is unknown.
    """
    return _OPEN.sub(lambda place: _form(place.group(), _final_sound(_before(place))), sentence)


def _before(place: re.Match[str]) -> str:
    return place.string[max(0, place.start() - _FURTHEST) : place.start()]


def _form(particle: str, final: str | None) -> str:
    if final is None:
        return particle
    after_consonant, after_vowel = _FORMS[particle]
    takes_vowel_form = final == "" or (final == "ㄹ" and after_vowel == "로")
    return after_vowel if takes_vowel_form else after_consonant


def _final_sound(text: str) -> str | None:
    """Returns the final consonant of the text as pronounced, "" for a vowel, None if unknown."""
    # Brackets do not change the particle: 달서구(대구)는.
    text = _ASIDE.sub("", text.rstrip(_QUOTES)).rstrip(_QUOTES + ")]")
    last = text[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "" if final == 0 else "ㄹ" if final == 8 else "ㄴ"
    if last.isascii() and last.isdigit():
        return _DIGITS[int(last)]
    if last.isascii() and last.isalpha():
        return _final_of_latin(text)
    return _UNITS.get(last)


def _final_of_latin(text: str) -> str:
    word = re.split(r"[^A-Za-z]", text)[-1]
    if word.isupper():  # pronounced letter by letter; 로 follows 알 as it follows 엘
        return _LETTERS.get(word[-1].lower(), "")
    end = _WORD_ENDS.search(word.lower())
    return "" if end is None else "ㄹ" if end["l"] else "ㄴ"
