"""Even steps over the values of a column, at round numbers or whole periods."""

import math
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dataset_service.analysis.frame.column import Codes, Column
from dataset_service.analysis.frame.spans import SPANS
from dataset_service.reading.columns.kinds import ColumnKind

_ABOUT = 20
_MOST_PERIODS = 24
_DAYS = (1, 7)
_MONTHS = (1, 3, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000)
_MONDAY = 3
"""Days from a Monday to 1970-01-01."""


class Bins(NamedTuple):
    """The number of each row's step, -1 without one, and the edges of the steps as texts that a condition takes."""

    codes: Codes
    edges: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        """Memory of the codes in bytes."""
        return int(self.codes.nbytes)


def bins_of(column: Column) -> Bins | None:
    """Returns the steps of numbers or dates; None if there is no value."""
    values, present = column.values, np.asarray(column.present)
    if column.kind is ColumnKind.NUMBER:
        present = present & np.isfinite(values)
    used = values if present.all() else values[present]
    if not len(used):
        return None
    places, edges = _periods(column, used) if column.kind is ColumnKind.DATE else _numbers(used)
    codes = np.full(column.rows, -1, np.int32)
    codes[present] = places
    return Bins(codes, edges)


def _numbers(used: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    low, high = used.min().item(), used.max().item()
    width = (high - low) / _ABOUT or abs(high) or 1
    power = math.floor(math.log10(width))
    step = next(Decimal(one).scaleb(power) for one in (1, 2, 5, 10) if one >= width / 10.0**power * (1 - 1e-9))
    if used.dtype.kind == "i":
        step = max(step, Decimal(1))
    # Rounded, because 0.3 / 0.1 is less than 3.
    places = used // int(step) if used.dtype.kind == "i" else np.floor(np.round(used / float(step), 9))
    first, last = int(places.min()), int(places.max())
    edges = tuple(_plain(step * place) for place in range(first, last + 2))
    return (places - first).astype(np.int64), edges


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _periods(column: Column, used: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    days = used.astype("datetime64[D]").astype(np.int64)
    if not column.precision:
        for width in _DAYS:
            places = (days + _MONDAY) // width
            if places.max() - places.min() < _MOST_PERIODS:
                first, last = int(places.min()), int(places.max())
                starts = np.arange(first, last + 2) * width - _MONDAY
                return places - first, tuple(map(str, starts.astype("datetime64[D]")))
    months = used.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    for width in _MONTHS:
        places = months // width
        if width >= SPANS[column.precision].months and places.max() - places.min() < _MOST_PERIODS:
            break
    first, last = int(places.min()), int(places.max())
    return places - first, tuple(_month_text(place * width, width) for place in range(first, last + 2))


def _month_text(month: int, width: int) -> str:
    year, of_year = divmod(month, 12)
    return f"{year}" if width >= 12 else f"{year}-Q{of_year // 3 + 1}" if width == 3 else f"{year}-{of_year + 1:02}"
