"""Reads texts of a column by one rule."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa

from dataset_service.reading.columns.values.value_rule import Values

Rule = Callable[[pa.Array, str], Values]


def cells_of(rule: Rule, *texts: str | None, name: str = "열") -> list[Any]:
    """Returns the values: moments as texts to the second or, if it is not whole, to the millisecond."""
    cells = rule(pa.array(texts, pa.string()), name).cells.to_pylist()
    return [_moment_text(cell) if isinstance(cell, datetime) else cell for cell in cells]


def told_of(rule: Rule, *texts: str | None, name: str = "열") -> dict[str, int]:
    """Returns the reasons of warnings, each with the number of texts that it is about."""
    told = rule(pa.array(texts, pa.string()), name).told
    return {reason: int(mask.sum()) for reason, mask in told.items() if mask.any()}


def _moment_text(moment: datetime) -> str:
    return moment.isoformat(" ", "milliseconds" if moment.microsecond else "seconds")
