"""Columns of a dataset as a frame, cached for all sessions."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.parts.asking import ask

_KEPT_FRAMES = 24


def load_frame(profile: Profile, use: str, names: Sequence[str] | None = None, *, rows: int = 0) -> pd.DataFrame | None:
    """Returns these columns, or all, and the first rows, or all; None after showing why they cannot be fetched.

    Text is categories, dates are datetime64. Do not modify it: other sessions share it. `use` names the part of the
    page.
    """
    columns = None if names is None else tuple(dict.fromkeys(names))
    return ask(
        f"{use}.{profile.dataset_id}",
        lambda: _frame(profile.dataset_id, profile.content_hash, columns, rows),
        waiting=texts.LOADING,
    )


# The content hash is part of the key: a reread dataset is another frame.
@st.cache_resource(max_entries=_KEPT_FRAMES, show_spinner=False)
def _frame(dataset_id: str, content_hash: str, names: Sequence[str] | None, rows: int) -> pd.DataFrame:  # noqa: ARG001
    frame: pd.DataFrame = state.datasets().read_data(dataset_id, columns=names, limit=rows).to_pandas()
    return frame
