"""Columns wide enough for every text; by default Streamlit cuts off texts twice as long as most."""

from typing import Any
from unicodedata import east_asian_width

import pandas as pd
import streamlit as st

_WIDE_PIXELS, _NARROW_PIXELS, _MARGIN_PIXELS = 14, 8, 20
_MOST_PIXELS = 340  # fits a narrow screen


def text_columns(table: pd.DataFrame, *names: str) -> dict[str, Any]:
    """Returns the `column_config` of these columns, as wide as their longest text."""
    return {name: st.column_config.TextColumn(width=_width([name, *table[name]])) for name in names}


def _width(texts: list[str]) -> int:
    longest = max(
        sum(_WIDE_PIXELS if east_asian_width(letter) in "WF" else _NARROW_PIXELS for letter in text) for text in texts
    )
    return min(_MOST_PIXELS, _MARGIN_PIXELS + longest)
