"""Blanks what holds digits in an answer but is no number of the data."""

import re
from collections.abc import Collection

from chat_service.number_check.written import NUMERAL, UNITS

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_SPAN = re.compile(r"`([^`\n]*)`")
_ONLY_NUMBER = re.compile(rf"[-−]?(?:{NUMERAL})\s?(?:{UNITS})?")
_BULLET = re.compile(r"^([ \t]*)[*+](?=\s)", re.MULTILINE)
_SIGNS = str.maketrans({"％": "%", "−": "-", "\\": " ", "*": " ", "～": "~"})
_ALONE, _DAY = r"(?<![\d,.])", r"(?:[12]\d|3[01]|0?[1-9])"
_COUNTED = "(?:건|명|곳|개|대|번|가구|면)"
_PATTERNS = (
    r"\d{12,}",  # ids; also bounds the work of the patterns below
    r"https?://\S+",
    r"(?<![A-Za-z_])[A-Za-z_]{1,40}[-_]?\d[\w.]{0,40}",  # names such as A1
    # Lists and headings.
    r"^[ \t>]*(?:[-+]\s{1,8})?(?:#{1,6}\s*)?\(?\d{1,2}(?:[-.]\d{1,2}){0,3}[.)](?=\s)",
    r"(?<![\w.,])\(?\d{1,2}\)(?=\s?[가-힣A-Za-z‘“\"])",
    r"^[ \t]*#{1,6}\s*\d{1,3}[-.\d]{0,10}",
    # Dates and times.
    r"(?:19|20)\d\d\s?[-./]\s?\d{1,2}(?:\s?[-./]\s?\d{1,2}\.?)?(?!\d|,\d)",
    r"(?:19|20)\d\d-?Q[1-4]",
    r"(?<!\d)\d{1,2}:\d\d(?::\d\d)?",
    rf"{_ALONE}['’]?\d{{1,4}}\s?[~∼〜–-]\s?['’]?\d{{1,4}}\s?(?:년|개월|월|일|시|분기|세|살|대|호|번|층|차로|분위|위)",
    rf"{_ALONE}['’]?\d{{1,4}}\s?년(?:도|간|차|째|대)?(?:\s?전|\s?후)?",
    rf"{_ALONE}\d{{1,3}}\s?개?월(?:\s?{_DAY}\s?일)?",
    rf"{_ALONE}{_DAY}일(?!\s?(?:평균|동안))",
    rf"{_ALONE}\d{{1,2}}\s?(?:사)?분기",
    rf"{_ALONE}\d{{1,2}}\s?시(?!간)(?:\s?\d{{1,2}}분)?",
    rf"{_ALONE}(?:19|20)\d\d(?![\d,.]{{0,20}}\d|\s?(?:[천만억]|{UNITS}))",  # years alone
    # Telephones and lots.
    r"\d{1,4}-\d{2,4}-\d{3,4}",
    rf"{_ALONE}\d{{1,6}}-\d{{1,6}}(?![\d,.])",
    # Ordinals and ranks.
    r"제\s?\d{1,4}(?:-\d{1,4})?",
    r"\d{1,4}\s?(?:번째|순위|등급|호선|회차|차로|차선|단계|학년|분위)|\d{1,4}(?:위|등|차|호|층|급|번|쪽)(?![가-힣]{0,3}[간량])",
    r"(?:상위|하위|처음|마지막|최근|[Tt]op|TOP|앞의?|뒤의?)\s?\d{1,5}(?:\.\d{1,3})?\s?(?:%|개|곳|건|위|행|명)?",
    # Fractions, and shares in words: 10건 중 3건.
    rf"\d{{1,3}}분의\s?\d{{1,3}}|{_ALONE}\d{{1,2}}/\d{{1,3}}(?![\d.,])",
    rf"{_ALONE}(?:10|100|1,?000)\s?{_COUNTED}\s?(?:중에?|가운데)\s?(?:약 )?\d{{1,3}}(?:~\d{{1,3}})?\s?{_COUNTED}?",
    # What a rate is of: 인구 10만 명당.
    r"\d[\d,]{0,10}\s?[천만억]?\s?(?:건|명|인|대|곳|개|회|가구|km²|km|㎞|㎢)?\s?당(?!일)",
    # Bounds of ages.
    r"\d{1,3}\s?[세살]\s?(?:이상|이하|미만|초과|부터|까지|에서|단위|기준)|만\s?\d{1,3}\s?[세살]",
    rf"{_ALONE}[1-9]0대(?=[\W가의는와보]|$)",
    # Statistics and formulas.
    r"\d{1,3}(?:\.\d{1,2})?\s?(?:번째 )?백분위",
    rf"{_ALONE}(?:24시간|36[56]일|1\.96)",
    r"\d{1,3}%\s?(?:신뢰|유의)|유의\s?수준\s?[\d.]{1,8}%?|[pP](?:값)?\s?[<>=≤]\s?[\d.]{1,10}",
    r"[×÷/x]\s?1[0,]{0,8}(?![\d.,])",
    rf"{_ALONE}(?:10|[1-9])\s?(?:가지|줄|문장|항목|문단|걸음)",  # what an answer lists
)
_LEFT_ALONE = re.compile("|".join(_PATTERNS), re.MULTILINE)


def without_left_alone(text: str, names: Collection[str]) -> str:
    """Returns a text of equal length that is blank where its digits are not numbers of the data.

    These are code, dates, hours, ordinals, numbers of lists, bounds of ages and the like, and the `names`.
    """
    text = _FENCE.sub(_blank, text)
    text = _SPAN.sub(lambda span: f" {span[1]} " if _ONLY_NUMBER.fullmatch(span[1]) else _blank(span), text)
    for name in names:
        text = text.replace(name, " " * len(name))
    return _LEFT_ALONE.sub(_blank, _BULLET.sub(r"\1-", text).translate(_SIGNS))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
