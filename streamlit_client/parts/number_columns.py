"""Formats the number columns of a table: `12,345`, `79.33`, `0.0042`; years and ids stay plain."""

import math
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from streamlit_client.charts.axes import are_years
from streamlit_client.parts.column_roles import is_key_name

_DIGITS, _MOST_DECIMALS = 4, 6


def number_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Returns the `column_config` of a frame's number columns."""
    numbers = frame.select_dtypes("number")
    return {
        str(name): st.column_config.NumberColumn(format=number_format(str(name), numbers[name])) for name in numbers
    }


def number_format(name: str, values: pd.Series) -> str:
    """Returns the printf format of a column: integers with thousands separators, others with about four digits."""
    sizes = np.abs(pd.to_numeric(values, errors="coerce").dropna().to_numpy(dtype=float))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not (sizes % 1).any():
        return "%d" if are_years(sizes) or is_key_name(name) else "%,d"
    decimals = _DIGITS - 1 - math.floor(math.log10(np.median(sizes)))
    return f"%,.{min(max(decimals, 2), _MOST_DECIMALS)}f"
