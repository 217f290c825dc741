"""Formats of the columns of tables: numbers as `12,345`, `79.33`, `0.0042`, and texts that are not cut off."""

import math
from typing import Any
from unicodedata import east_asian_width

import numpy as np
import pandas as pd
import streamlit as st

from streamlit_client.charts.axes import are_years
from streamlit_client.parts.column_roles import is_key_name

_DIGITS, _MOST_DECIMALS = 4, 6
_WIDE_PIXELS, _NARROW_PIXELS, _MARGIN_PIXELS = 14, 8, 20
_MOST_PIXELS = 340  # fits a narrow screen


def number_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Returns the `column_config` of a frame's number columns."""
    numbers = frame.select_dtypes("number")
    return {str(name): _number_column(str(name), numbers[name]) for name in numbers}


def _number_column(name: str, values: pd.Series) -> Any:
    """Returns the configuration of a column, as wide as its longest number if that is longer than most.

    By default Streamlit cuts off its first digits: 15,000 among small numbers is shown as 5,000.
    """
    form = number_format(name, values)
    width = None
    if values.notna().any():
        least, usual, most = (
            format(float(value), form[1:].replace("d", ".0f")) for value in values.quantile([0, 0.5, 1])
        )
        longest = max(least, most, key=len)
        width = column_width([name, longest]) if len(longest) > len(usual) else None
    return st.column_config.NumberColumn(format=form, width=width)


def number_format(name: str, values: pd.Series) -> str:
    """Returns the printf format of a column: integers with thousands separators, others with about four digits.

    Years and ids stay plain.
    """
    sizes = np.abs(pd.to_numeric(values, errors="coerce").dropna().to_numpy(dtype=float))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not (sizes % 1).any():
        return "%d" if are_years(sizes) or is_key_name(name) else "%,d"
    decimals = _DIGITS - 1 - math.floor(math.log10(np.median(sizes)))
    return f"%,.{min(max(decimals, 2), _MOST_DECIMALS)}f"


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
