"""Dates as text, no more precise than they are."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.kinds import Precision

_UNITS = {"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S"}
_PATTERNS = {Precision.YEAR: "%Y", Precision.MONTH: "%Y-%m"}


def date_texts(moments: Any, precision: str, unit: str = "") -> Any:
    """Returns timestamps as text: `2019`, `2019-Q1`, `2019-01`, or `2019-01-02` with a time if any is not midnight.

    Times have seconds if any is not 0, and milliseconds if any is not whole; for a part of a column `unit` is the
    `finest_unit` of all.
    """
    if precision == Precision.QUARTER:
        return pc.binary_join_element_wise(pc.strftime(moments, "%Y-Q"), pc.quarter(moments).cast(pa.string()), "")
    if precision:
        return pc.strftime(moments, _PATTERNS[Precision(precision)])
    unit = unit or finest_unit(moments)
    whole = moments.cast(pa.timestamp("s"), safe=False) if unit in _UNITS else moments
    return pc.strftime(whole, _UNITS.get(unit, "%Y-%m-%d %H:%M:%S"))


def finest_unit(moments: Any) -> str:
    """Returns the unit that all timestamps are whole in: `day`, `minute`, `second`, or `millisecond`."""
    return next((unit for unit in _UNITS if _are_whole(moments, unit)), "millisecond")


def date_text(moment: datetime, precision: str, *, is_day: bool) -> str:
    """Returns one date as people read it: a time has seconds only if it needs them."""
    if precision == Precision.QUARTER:
        return f"{moment:%Y}-Q{(moment.month + 2) // 3}"
    if precision or is_day:
        return moment.strftime(_PATTERNS[Precision(precision)] if precision else "%Y-%m-%d")
    return moment.isoformat(" ", "minutes" if not (moment.second or moment.microsecond) else "seconds")


def has_days_only(moments: Any) -> bool:
    """Tells whether all timestamps are at midnight, so that the column holds only dates."""
    return _are_whole(moments, "day")


def _are_whole(moments: Any, unit: str) -> bool:
    return bool(pc.all(pc.equal(moments, pc.floor_temporal(moments, unit=unit))).as_py())
