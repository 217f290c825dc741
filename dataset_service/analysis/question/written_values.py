"""Parses the value of a condition: numbers, times of day, and dates that may mean a whole day, month or year."""

import re
import unicodedata

import numpy as np
import pyarrow as pa

from dataset_service.analysis.frame.text_values import DATE_PATTERN
from dataset_service.reading.columns.values.quarters import read_quarters
from dataset_service.reading.columns.values.times import read_times
from dataset_service.reading.columns.values.units import find_unit

_PART_OF_DATE = re.compile(r"([12]\d{3})\s*(?:년|[-./]\s*(\d{1,2})\s*|년\s*(\d{1,2})\s*월)?\s*")
_COMPACT_DATE = re.compile(r"([12]\d{3})([01]\d)([0-3]\d)")
_WITH_UNIT = re.compile(r"(.*\d)\s*(\D+)")
_HOUR = re.compile(r"([01]?\d|2[0-3])\s*시?")
_FURTHEST = 10**300
"""Larger numbers are clipped to this: no column holds any, and floats cannot."""


def number_from(value: str | float | bool, *, unit: str | None = "") -> int | float | None:
    """Returns the number, an integer as int; None if it is not a number.

    It may be followed by the unit, also in another spelling; for None by any short one, so that `65세` is 65.
    """
    if isinstance(value, bool):
        return None
    if not isinstance(value, str):
        value = max(-_FURTHEST, min(value, _FURTHEST))
        return int(value) if value == int(value) else value
    text = unicodedata.normalize("NFKC", value).replace(",", "").strip()
    if unit is None:
        text = re.sub(r"(?<=\d)\s*\D{1,3}$", "", text)
    elif unit and (written := _WITH_UNIT.fullmatch(text)) and unit in (written[2], find_unit(written[2])):
        text = written[1]
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", text):
        return None
    return number_from(int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text))


def period_from(value: str | float | bool) -> tuple[np.datetime64, np.datetime64] | None:
    """Returns the start and the exclusive end of a date, month, quarter or year, or from one to another.

    `2020-03~2020-06` are four months. Returns None if it is none of these.
    """
    if isinstance(value, bool):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip().removesuffix(".0")
    if "~" in text:
        first, last = (period_from(edge) for edge in text.split("~", 1))
        return (first[0], last[1]) if first and last and first[0] <= last[0] else None
    if quarter := read_quarters(pa.array([text]), "").cells[0].as_py():
        start = np.datetime64(quarter, "M")
        return start.astype("datetime64[s]"), (start + 3).astype("datetime64[s]")
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
    """Formats a period: `2019`, `2019-Q1`, `2019-03`, `2019-03-05`, `2019-03-05 13시`, `2019-03 ~ 2019-06`."""
    for unit in ("Y", "M", "D", "h", "m"):
        first, last = (moment.astype(f"datetime64[{unit}]") for moment in (start, end - 1))
        if first.astype("datetime64[s]") == start and (last + 1).astype("datetime64[s]") == end:
            months = int((last - first).astype(int)) + 1 if unit == "M" else 0
            if months == 3 and (month := int(first.astype(int)) % 12) % 3 == 0:
                return f"{first.astype('datetime64[Y]')}-Q{month // 3 + 1}"
            texts = [str(edge).replace("T", " ") + ("시" if unit == "h" else "") for edge in (first, last)]
            return " ~ ".join(dict.fromkeys(texts))
    return str(start).replace("T", " ")


def clock_from(value: str | float | bool) -> str | None:
    """Returns a time of day, `09:05` or `09:05:10`; `09` for a whole hour, `24:00` for the end of the day, or None."""
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if hour := _HOUR.fullmatch(text):
        return f"{int(hour[1]):02}"
    read: str | None = read_times(pa.array([text, "00:00"]), "").cells[0].as_py()
    return "24:00" if read and text.startswith("24") else read
