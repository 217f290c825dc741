"""Explores a dataset: overview charts, map, columns, table, comparison with a second dataset."""

import streamlit as st

from streamlit_client import address, texts_explore
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.datasets.quality import show_column_info, show_figures
from streamlit_client.explore.columns import show_columns
from streamlit_client.explore.dataset_frame import load_frame
from streamlit_client.explore.overview import show_overview
from streamlit_client.explore.pair import show_pair
from streamlit_client.explore.row_map import show_map
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.table_columns import table_columns

_MUCH_MISSING = 0.30
_PREVIEW_ROWS = 10


def show_dataset(profile: Profile, *, can_pair: bool = True) -> None:
    """Draws everything about a dataset. `can_pair` offers a second one, which visitors with a link do not have."""
    show_figures(profile)
    _show_missing(profile)
    names = texts_explore.TABS if can_pair else texts_explore.TABS[:-1]
    tabs = address.tabs(names, f"explore.tabs.{profile.dataset_id}")
    # Only the open tab is fetched and drawn.
    for tab, show in zip(tabs, (_show_at_a_glance, show_columns, _show_rows, show_pair), strict=False):
        if tab.open:
            with tab:
                show(profile)


def _show_at_a_glance(profile: Profile) -> None:
    show_overview(profile)
    show_map(profile)


def _show_rows(profile: Profile) -> None:
    st.header(texts_explore.PREVIEW.format(rows=min(_PREVIEW_ROWS, profile.rows)), anchor=False)
    preview = load_frame(profile, "preview", rows=_PREVIEW_ROWS)
    if preview is not None:
        formats = table_columns(preview, profile.columns_info)
        st.dataframe(preview, hide_index=True, column_config=formats, key=f"explore.preview.{profile.dataset_id}")
    st.header(texts_explore.COLUMN_INFO, anchor=False)
    show_column_info(profile, key=f"explore.columns.{profile.dataset_id}")


def _show_missing(profile: Profile) -> None:
    rows = max(1, profile.rows)
    sparse = [column for column in profile.columns_info if column.missing / rows >= _MUCH_MISSING]
    if sparse:
        items = [(plain_text(column.name), 100 * column.missing / rows) for column in sparse]
        names = ", ".join(texts_explore.MISSING_ITEM.format(name=name, share=share) for name, share in items)
        st.warning(texts_explore.MISSING_WARNING.format(names=names), icon=":material/warning:")
