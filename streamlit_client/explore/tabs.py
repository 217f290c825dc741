"""Explores a dataset: overview charts, map, columns, table, comparison with a second dataset."""

import streamlit as st

from servicekit.question import Question
from streamlit_client import address, texts_explore
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.datasets.quality import show_column_info, show_figures
from streamlit_client.explore.chart_choice import show_charts
from streamlit_client.explore.filters.bar import show_filters
from streamlit_client.explore.filters.page_question import rows_of
from streamlit_client.explore.overview import show_overview
from streamlit_client.explore.pair import show_pair
from streamlit_client.explore.row_map import show_map
from streamlit_client.explore.table import show_table
from streamlit_client.explore.trend import show_trend
from streamlit_client.parts.shown_text import plain_text

_MUCH_MISSING = 0.30


def show_dataset(profile: Profile, *, can_pair: bool = True) -> None:
    """Draws everything about a dataset. `can_pair` offers a second one, which visitors with a link do not have."""
    question = show_filters(profile)
    if question is None:
        return
    if rows_of(question) == Question():  # these are about all rows
        show_figures(profile)
        _show_missing(profile)
    names = texts_explore.TABS if can_pair else texts_explore.TABS[:-1]
    tabs = address.tabs(names, f"explore.tabs.{profile.dataset_id}")
    # Only the open tab is fetched and drawn.
    for tab, show in zip(tabs, (_show_at_a_glance, show_trend, show_charts, _show_rows, show_pair), strict=False):
        if tab.open:
            with tab:
                show(profile, question)


def _show_at_a_glance(profile: Profile, question: Question) -> None:
    show_overview(profile, question)
    show_map(profile, question)


def _show_rows(profile: Profile, question: Question) -> None:
    show_table(profile, question)
    st.header(texts_explore.COLUMN_INFO, anchor=False)
    show_column_info(profile, key=f"explore.columns.{profile.dataset_id}")


def _show_missing(profile: Profile) -> None:
    rows = max(1, profile.rows)
    sparse = [column for column in profile.columns_info if column.missing / rows >= _MUCH_MISSING]
    if sparse:
        items = [(plain_text(column.name), 100 * column.missing / rows) for column in sparse]
        names = ", ".join(texts_explore.MISSING_ITEM.format(name=name, share=share) for name, share in items)
        st.warning(texts_explore.MISSING_WARNING.format(names=names), icon=":material/warning:")
