"""Columns of a dataset as a frame, cached for all sessions."""

import pandas as pd
import streamlit as st

from streamlit_client import state
from streamlit_client.backend.contract_datasets import Profile

_KEPT_FRAMES = 24


def find_frame(profile: Profile, names: list[str]) -> pd.DataFrame:
    """Returns these columns; text as categories, dates as datetime64. Do not modify it: other sessions share it.

    Raises `GatewayError` if it cannot be fetched.
    """
    return _frame(profile.dataset_id, profile.content_hash, tuple(dict.fromkeys(names)))


def find_preview(profile: Profile, rows: int) -> pd.DataFrame:
    """Returns the first rows with all columns."""
    return _preview(profile.dataset_id, profile.content_hash, rows)


# The content hash is part of the key: a reread dataset is another frame.
@st.cache_resource(max_entries=_KEPT_FRAMES, show_spinner=False)
def _frame(dataset_id: str, content_hash: str, names: tuple[str, ...]) -> pd.DataFrame:  # noqa: ARG001
    frame: pd.DataFrame = state.datasets().read_data(dataset_id, columns=names).to_pandas()
    return frame


@st.cache_resource(max_entries=_KEPT_FRAMES, show_spinner=False)
def _preview(dataset_id: str, content_hash: str, rows: int) -> pd.DataFrame:  # noqa: ARG001
    frame: pd.DataFrame = state.datasets().read_data(dataset_id, limit=rows).to_pandas()
    return frame
