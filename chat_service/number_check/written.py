"""Finds the numbers of an answer that say something about the data, with the values that may be written so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMERAL = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_LARGE = {"만": 1e4, "억": 1e8, "조": 1e12}
_SMALL = {"십": 10.0, "백": 100.0, "천": 1000.0}
_PART = rf"(?:{NUMERAL})\s?(?:[십백천]?[만억조](?!큼)|[천백])"
UNITS = (
    "%포인트|퍼센트포인트|퍼센트|%p|%|배|건|명|행|개월|개|곳|가지|종류|종|군데|만원|천원|원|세|살|㎞|km|㎡|m²|m|㎏|kg|톤|대|회|점|일|"
    "시간|분|면|가구|번|열|구|동|도|°|℃"
)
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w)\]%.,])[-−])?(?<![\dA-Za-z_.,])(?P<number>{_PART}(?:\s?{_PART})*(?:\s?(?:{NUMERAL}))?|{NUMERAL})"
    rf"(?P<more>여)?(?P<unit>\s?(?:{UNITS}))?(?!\d|[A-Za-z_]\d)"
)
_PIECE = re.compile(rf"({NUMERAL})\s?([십백천]?[만억조]?)")
# What a unit of a column, such as 만원, may hide of a written number.
_HIDDEN = {"원": (1e3, 1e4, 1e6, 1e8), "명": (1e3, 1e4), "m": (1e3,), "km": (1e-3,)}
_ABOUT = re.compile(r"(?:약|대략|어림|거의|대체로|평균적으로)\s*$")
_NEAR = re.compile(r"^(?:\S{0,2}\s?)?(?:쯤|정도|가량|안팎|내외|전후|꼴)")
_ABOVE = re.compile(r"^\S{0,2}\s?(?:조금 |약간 |훨씬 )?(?:넘|이상|초과|웃도|웃돌|남짓|상회)|^대(?:\W|[가로에의]|$)")
_BELOW = re.compile(r"^\S{0,2}\s?(?:조금 |약간 )?(?:가까|미만|이하|못 미|안 되|안 됩|되지 않|육박|밑도|밑돌|채 )")


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number of an answer: as written with its unit, its place, its size, and between what it may have been rounded.

    `scaled` is whether it is written with 만, 억 or the like.
    """

    text: str
    start: int
    value: float
    low: float
    high: float
    unit: str
    scaled: bool

    @property
    def is_percentage(self) -> bool:
        """Whether it is a percentage or a difference of percentages."""
        return self.unit.startswith(("%", "퍼센트"))


def find_numbers(text: str) -> Iterator[WrittenNumber]:
    """Yields the numbers of a text in order, all of them positive; dates and the like must be blanked before."""
    for found in _NUMBER.finditer(text):
        value, step, scaled = _read(found["number"])
        unit = (found["unit"] or "").strip()
        before, after = text[max(0, found.start() - 6) : found.start()], text[found.end() : found.end() + 14]
        low, high = value - step / 2, value + step / 2
        coarse = max(step, _last_place(value))
        is_about = _ABOUT.search(before) or _NEAR.match(after) or (not scaled and value and value % 1000 == 0)
        if is_about:
            half = min(coarse / 2, value / 4)
            low, high = min(low, value - half), max(high, value + half)
        if found["more"] or _ABOVE.match(after):
            high = max(high, value + coarse)
        if _BELOW.match(after):
            low = min(low, value - coarse)
        yield WrittenNumber(found[0].strip(), found.start(), value, low, high, unit, scaled)


def _read(number: str) -> tuple[float, float, bool]:
    """Returns the value of a number, the place of its last written digit, and whether it has 만, 억 or the like."""
    total = section = 0.0
    step, scaled = 1.0, False
    for numeral, words in _PIECE.findall(number):
        digits = numeral.replace(",", "")
        size = float(digits)
        step = 10.0 ** -len(digits.partition(".")[2])
        for word in words:
            scaled = True
            size, step = size * (_SMALL.get(word) or 1.0), step * (_SMALL.get(word) or _LARGE[word])
        section += size
        if words and words[-1] in _LARGE:
            total, section = total + section * _LARGE[words[-1]], 0.0
    return total + section, step, scaled


def _last_place(value: float) -> float:
    """Returns the place of the last digit that is not zero: 100 of 2,400, 0.1 of 0.5."""
    if not value:
        return 1.0
    digits = f"{value:.6f}".rstrip("0").rstrip(".")
    if "." in digits:
        return float(10.0 ** -len(digits.partition(".")[2]))
    return float(10.0 ** (len(digits) - len(digits.rstrip("0"))))


def hidden_scales(number: WrittenNumber) -> tuple[float, ...]:
    """Returns by how much the number may be greater than as it is known, in a greater unit such as 만원."""
    return _HIDDEN.get(number.unit, ()) if number.scaled or number.unit in ("m", "km") else ()
