"""Parses the value of a condition: numbers, and dates that may mean a whole day, month or year."""

import re
import unicodedata

import numpy as np

from dataset_service.analysis.text_values import DATE_PATTERN

_PART_OF_DATE = re.compile(r"([12]\d{3})\s*(?:년|[-./]\s*(\d{1,2})\s*|년\s*(\d{1,2})\s*월)?\s*")
_COMPACT_DATE = re.compile(r"([12]\d{3})([01]\d)([0-3]\d)")
_FURTHEST = 10**300
"""Larger numbers are clipped to this: no column holds any, and floats cannot."""


def number_from(value: str | float | bool, *, allow_unit: bool = False) -> int | float | None:
    """Returns the number, an integer as int; None if it is not a number. With `allow_unit`, `65세` is 65."""
    if isinstance(value, bool):
        return None
    if not isinstance(value, str):
        value = max(-_FURTHEST, min(value, _FURTHEST))
        return int(value) if value == int(value) else value
    text = unicodedata.normalize("NFKC", value).replace(",", "").strip()
    if allow_unit:
        text = re.sub(r"(?<=\d)\s*\D{1,3}$", "", text)
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", text):
        return None
    return number_from(int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text))


def period_from(value: str | float | bool) -> tuple[np.datetime64, np.datetime64] | None:
    """Returns the start and the exclusive end of a date, month or year; None if it is none of these."""
    if isinstance(value, bool):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip().removesuffix(".0")
    if compact := _COMPACT_DATE.fullmatch(text):
        text = "-".join(compact.groups())
    try:
        if part := _PART_OF_DATE.fullmatch(text):
            year, month = part[1], part[2] or part[3]
            start = np.datetime64(f"{year}-{int(month):02}" if month else year)
        elif whole := re.match(DATE_PATTERN, text):
            digits = {name: int(number) for name, number in whole.groupdict().items() if number is not None}
            text = "{year:04}-{month:02}-{day:02}".format(**digits)
            for name, sign in (("hour", "T"), ("minute", ":"), ("second", ":")):
                text += f"{sign}{digits[name]:02}" if name in digits else ""
            start = np.datetime64(text)
        else:
            return None
    except ValueError:
        return None
    return start.astype("datetime64[s]"), (start + 1).astype("datetime64[s]")


def period_text(start: np.datetime64, end: np.datetime64) -> str:
    """Formats a period: `2019`, `2019-03`, `2019-03-05`, `2019-03-05 13:00`."""
    for unit in ("Y", "M", "D", "h", "m"):
        if (start.astype(f"datetime64[{unit}]") + 1).astype("datetime64[s]") == end:
            text = str(start.astype(f"datetime64[{unit}]")).replace("T", " ")
            return f"{text}시" if unit == "h" else text
    return str(start).replace("T", " ")
