"""Axes: integer counts, plain years, 12,000 instead of 12k, and names that are not cut off."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from streamlit_client.backend.contract_datasets import Column
from streamlit_client.charts.style import Fields, chart_text, titled

PERCENT = "%"
_YEARS = (1900, 2100)
_MOST_TICKS = 12
_MOST_BELOW = 16
_DIGITS = 4
_LINE, _MOST_LINES = 16, 3
# 12,000 instead of 12k, and enough room for each label.
_PLAIN: Fields = {"exponentformat": "none", "separatethousands": True, "automargin": True}
Numbers = Sequence[float] | npt.NDArray[np.floating[Any]] | npt.NDArray[np.integer[Any]]


def number_axis(values: Numbers, title: str, column: Column | None = None) -> Fields:
    """Returns the fields of an axis for these values. Integers have integer steps, years have no commas."""
    known = _finite(values)
    fields = _PLAIN | titled(title)
    if column is not None and column.unit == PERCENT:
        fields |= {"ticksuffix": PERCENT}
    if are_years(known, column):
        fields |= {"tickformat": "d", "hoverformat": "d", "dtick": whole_step(float(np.ptp(known)), _MOST_TICKS + 1)}
    elif are_whole(known):
        fields |= {"hoverformat": ","}
        if np.ptp(known) <= _MOST_TICKS:
            fields |= {"dtick": 1}
    else:
        fields |= {"hoverformat": number_format(known)}
    return fields


def count_axis(counts: Numbers, title: str) -> Fields:
    """Returns the fields of an axis of counts, which starts at 0 and has integer steps."""
    return number_axis([0, *counts], title) | {"rangemode": "tozero"}


def colour_scale(values: Numbers, title: str = "") -> Fields:
    """Returns the fields of the colour scale of a chart."""
    axis = number_axis(values, title)
    return {name: axis[name] for name in axis.keys() - {"hoverformat", "automargin"}}


def category_axis(labels: Sequence[str], title: str = "") -> Fields:
    """Returns the fields of an axis of names; long ones are wrapped. The hover shows the full name."""
    ticks = {"tickvals": [chart_text(label) for label in labels], "ticktext": [wrapped(label) for label in labels]}
    return {"type": "category", "automargin": True} | ticks | (titled(title) if title else {})


def thinned(names: Fields) -> Fields:
    """Returns the fields of an axis with as many names as fit below a chart."""
    every = math.ceil(len(names["tickvals"]) / _MOST_BELOW)
    return names | {field: names[field][::every] for field in ("tickvals", "ticktext")}


def names_height(names: Fields) -> int:
    """Returns the height of a chart with horizontal bars for these names, in pixels."""
    lines: int = sum(26 + 14 * text.count("<br>") for text in names["ticktext"])
    return max(180, 60 + lines)


def number_format(values: Numbers) -> str:
    """Returns d3's format for values of this size: about four significant digits."""
    return f",.{_decimals(values)}~f"


def number_texts(values: Numbers, column: Column | None = None) -> list[str]:
    """Returns the values as texts with the same number of decimals; years have no commas."""
    known = _finite(values)
    form = "{:.0f}" if are_years(known, column) else f"{{:,.{0 if are_whole(known) else _decimals(known)}f}}"
    return [form.format(value) for value in values]


def are_years(values: Numbers, column: Column | None = None) -> bool:
    """Tells whether these are years: by what is known of their column, or else by the values."""
    if column is not None and (column.meaning or column.unit):
        return column.meaning == "year"
    known = _finite(values)
    return are_whole(known) and bool(_YEARS[0] <= known.min() and known.max() <= _YEARS[1])


def whole_step(span: float, most: int) -> int:
    """Returns the least of 1, 2, 5, 10, 20, 50 ... with fewer than `most` steps in the span."""
    steps = (factor * 10**power for power in itertools.count() for factor in (1, 2, 5))
    return next(int(step) for step in steps if span < most * step)


def are_whole(values: Numbers) -> bool:
    """Tells whether all values are integers."""
    known = _finite(values)
    return bool(len(known)) and bool(np.all(known == np.round(known)))


def wrapped(label: str) -> str:
    """Returns a name in at most three short lines; a longer one is truncated, and shown in full by the hover."""
    lines: list[str] = [""]
    for word in label.split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(joined) > _LINE:
            lines.append(word)
        else:
            lines[-1] = joined
        while len(lines[-1]) > _LINE:
            lines[-1:] = [lines[-1][:_LINE], lines[-1][_LINE:]]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][: _LINE - 1] + "…"]
    return "<br>".join(chart_text(line) for line in lines)


def _finite(values: Numbers) -> npt.NDArray[np.float64]:
    known = np.asarray(values, dtype=np.float64)
    return known[np.isfinite(known)]


def _decimals(values: Numbers) -> int:
    largest = max((abs(value) for value in _finite(values)), default=0.0)
    return _DIGITS - 1 if largest == 0 else max(0, _DIGITS - 1 - max(math.floor(math.log10(largest)), -_DIGITS))
