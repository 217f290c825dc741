"""The columns of tables: numbers as `12,345`, `79.33`, `0.0042`, units above them, and texts that are not cut off."""

import math
from collections.abc import Iterable
from typing import Any
from unicodedata import east_asian_width

import numpy as np
import pandas as pd
import streamlit as st

from streamlit_client.backend.contract_datasets import Column
from streamlit_client.charts.axes import are_years

_DIGITS, _LEAST_DECIMALS, _MOST_DECIMALS = 4, 2, 6
_WIDE_PIXELS, _NARROW_PIXELS, _MARGIN_PIXELS = 14, 8, 20
_PERIODS = {"year": "YYYY", "quarter": "YYYY-[Q]Q", "month": "YYYY-MM"}
_MOST_PIXELS = 340  # fits a narrow screen


def table_columns(frame: pd.DataFrame, columns: Iterable[Column] = ()) -> dict[str, Any]:
    """Returns the `column_config` of a frame: formats of numbers, and what is known of columns of a dataset."""
    known = {column.name: column for column in columns}
    numbers = frame.select_dtypes("number")
    config = {str(name): _number_column(str(name), numbers[name], known.get(str(name))) for name in numbers}
    for name, column in known.items():
        if name in frame and pd.api.types.is_datetime64_any_dtype(frame[name]):
            config[name] = st.column_config.DatetimeColumn(format=_date_format(column))
    return config


def _date_format(column: Column) -> str:
    """Returns the format of dates as precise as the values known of their column are."""
    if column.precision is not None:
        return _PERIODS[column.precision]
    colons = max(text.count(":") for text in (column.minimum or "", column.maximum or "", *column.sample))
    return ("YYYY-MM-DD", "YYYY-MM-DD HH:mm", "YYYY-MM-DD HH:mm:ss")[colons]


def _number_column(name: str, values: pd.Series, column: Column | None) -> Any:
    """Returns the configuration of a column, as wide as its longest number if that is longer than most.

    By default Streamlit cuts off its first digits: 15,000 among small numbers is shown as 5,000.
    """
    form = number_format(values, column)
    title, width = name if column is None else column.title, None
    if values.notna().any():
        least, usual, most = (
            format(float(value), form[1:].replace("d", ".0f")) for value in values.quantile([0, 0.5, 1])
        )
        longest = max(least, most, key=len)
        width = column_width([title, longest]) if len(longest) > len(usual) else None
    return st.column_config.NumberColumn(title, format=form, width=width)


def number_format(values: pd.Series, column: Column | None = None) -> str:
    """Returns the printf format of a column: integers with thousands separators, others with about four digits.

    Years and running numbers stay plain, degrees are as precise as a metre.
    """
    if column is not None and column.meaning in ("latitude", "longitude"):
        return "%.5f"
    sizes = np.abs(pd.to_numeric(values, errors="coerce").dropna().to_numpy(dtype=float))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not (sizes % 1).any():
        if are_years(sizes, column) or (column is not None and column.meaning == "serial"):
            return "%d"
        if column is None or column.type != "number":  # whose other rows may have decimals
            return "%,d"
        return f"%,.{_LEAST_DECIMALS}f"
    decimals = min(max(_DIGITS - 1 - math.floor(math.log10(np.median(sizes))), _LEAST_DECIMALS), _MOST_DECIMALS)
    while decimals > _LEAST_DECIMALS and np.allclose(
        sizes, sizes.round(decimals - 1), rtol=0, atol=10**-_MOST_DECIMALS
    ):
        decimals -= 1
    return f"%,.{decimals}f"


def text_columns(table: pd.DataFrame, *names: str) -> dict[str, Any]:
    """Returns the `column_config` of these columns, as wide as their longest text.

    By default Streamlit cuts off texts twice as long as most.
    """
    return {name: st.column_config.TextColumn(width=column_width([name, *table[name]])) for name in names}


def column_width(texts: list[str]) -> int:
    """Returns the pixels that the longest of these texts needs in a column, within limits."""
    longest = max(
        sum(_WIDE_PIXELS if east_asian_width(letter) in "WF" else _NARROW_PIXELS for letter in text) for text in texts
    )
    return min(_MOST_PIXELS, _MARGIN_PIXELS + longest)
