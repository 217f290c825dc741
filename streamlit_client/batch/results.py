"""The results of a batch: figures, table, distribution, errors, comparison, and how to keep them."""

from datetime import datetime

import pandas as pd
import streamlit as st

from streamlit_client import state, texts, texts_datasets
from streamlit_client.backend.contract import Batch, Model
from streamlit_client.backend.contract_datasets import Column, Profile
from streamlit_client.backend.gateway_client import GatewayRefused
from streamlit_client.batch.comparison import show_comparison
from streamlit_client.batch.result_table import Results, compare, read_results
from streamlit_client.charts.distribution import eclo_histogram, words_chart
from streamlit_client.charts.style import CONFIG
from streamlit_client.parts.asking import ask, ask_once
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.elements import show_download
from streamlit_client.parts.open_dataset import go_to
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.table_columns import table_columns

_ENDED = {"completed": st.success, "cancelled": st.info, "failed": st.error}
_NARROWEST, _CHART_WIDTH = 130, 340
# What a session shows of a batch is bounded: all of it is in the file and in the dataset.
_MOST_ROWS, _MOST_CELLS = 20_000, 1_000_000
_KEPT_BATCHES = 8


def show_results(batch: Batch, model: Model) -> None:
    """Draws the results of a batch that has ended."""
    sentence = texts.ENDED[batch.status].format(done=batch.done)
    if batch.failure:
        sentence += f" {plain_text(batch.failure)}"
    _ENDED[batch.status](sentence, icon=texts.BATCH_ICONS[batch.status])
    results = ask(
        f"results.{batch.batch_id}",
        lambda: _fetch_results(batch.batch_id, batch.finished_at, batch.dataset_id),
        waiting=texts.LOADING,
    )
    if results is None:
        return
    if results.rows.empty:
        st.caption(texts.NO_RESULTS)
        return
    predicted = results.predicted.dropna(subset=[texts.ECLO])
    if len(results.numbers) < batch.done:
        st.caption(texts.RESULTS_CUT.format(shown=len(results.numbers)))
    _show_figures(batch, predicted, model)
    _show_ways(batch)
    comparison = compare(results)
    labels = (*texts.RESULT_TABS, *([texts_datasets.ACTUAL_HEADING] if comparison else []))
    table, distribution, errors, *others = st.tabs(labels)
    with table:
        _show_table(results)
    with distribution:
        _show_distribution(predicted, model)
    with errors:
        _show_errors(results)
    if comparison is not None:
        with others[0]:
            show_comparison(comparison)


# The results of an ended batch never change.
@st.cache_data(max_entries=_KEPT_BATCHES, show_spinner=False)
def _fetch_results(
    batch_id: str,
    finished_at: datetime | None,  # noqa: ARG001 - part of the cache key
    dataset_id: str | None,
) -> Results:
    count = read_results(state.gateway().get_results_csv(batch_id, most=1)).rows.shape[1]
    most = min(_MOST_ROWS, _MOST_CELLS // max(count, 1))
    columns = () if dataset_id is None else _find_columns(dataset_id)
    return read_results(state.gateway().get_results_csv(batch_id, most=most), columns)


def _find_columns(dataset_id: str) -> tuple[Column, ...]:
    """Returns the columns of a dataset; none if it was deleted."""
    try:
        return state.datasets().get_profile(dataset_id).columns_info
    except GatewayRefused:
        return ()


def _show_figures(batch: Batch, predicted: pd.DataFrame, model: Model) -> None:
    severe = {band.interpretation for band in model.bands[len(model.bands) // 2 :]}
    figures = st.grid(4, min_column_width=_NARROWEST)
    figures.metric(texts.PREDICTED_COUNT, texts.COUNT.format(count=batch.done - batch.failed))
    figures.metric(texts.ERROR_COUNT, texts.COUNT.format(count=batch.failed))
    if not predicted.empty:
        figures.metric(texts.MEAN_EXPECTED, f"{predicted[texts.EXPECTED].mean():.2f}", help=texts.ABOUT_EXPECTED)
        percent = 100 * predicted[texts.SEVERITY].isin(severe).mean()
        figures.metric(texts.SEVERE_SHARE, texts.PERCENT.format(share=percent))


def _show_ways(batch: Batch) -> None:
    """Draws the download of all results, and the button that keeps them as a dataset."""
    key = f"batch.kept.{batch.batch_id}"
    kept = state.recall(key, Profile)
    with st.container(horizontal=True):
        show_download(
            texts.DOWNLOAD,
            lambda: state.gateway().get_results_file(batch.batch_id),
            texts.RESULT_FILE,
            key="batch.download",
            type="primary",
            help=texts.DOWNLOAD_HELP,
            icon=":material/download:",
        )
        is_pressed = kept is None and st.button(texts.KEEP, key="batch.keep", icon=":material/inventory_2:")
        if kept is not None and st.button(texts.OPEN_KEPT, key="batch.open_kept", icon=":material/bar_chart:"):
            go_to("app_pages/explore.py", kept.dataset_id)
    stored = ask_once(
        "keep_results",
        batch.batch_id,
        batch.batch_id,
        state.gateway().keep_results,
        is_pressed=is_pressed,
        waiting=texts.KEEPING,
    )
    if stored is not None:
        state.remember(key, stored)
        st.rerun()
    if kept is not None:
        st.success(texts.KEPT.format(name=plain_text(kept.name)), icon=":material/check_circle:")


def _show_table(results: Results) -> None:
    """Draws the results, under the names that the file has, and then their rows."""
    named = results.predicted.set_axis(results.headers, axis=1)
    frame = pd.concat([results.numbers, named.iloc[:, :-1], results.rows, named.iloc[:, -1:]], axis=1)
    frame = frame.loc[:, ~frame.columns.duplicated()]  # a column of the dataset called like the number
    decimals = [
        name for name, own in zip(results.headers, texts.RESULT_COLUMNS, strict=True) if own in texts.RESULT_NUMBERS
    ]
    st.dataframe(
        frame,
        hide_index=True,
        column_config=table_columns(frame, results.columns)
        | {name: st.column_config.NumberColumn(format="%.2f") for name in decimals},
    )


def _show_distribution(predicted: pd.DataFrame, model: Model) -> None:
    if predicted.empty:
        st.caption(texts.NO_RESULTS)
        return
    halves = st.grid(2, min_column_width=_CHART_WIDTH, gap="medium")
    with halves.cell():
        st.subheader(texts.DISTRIBUTION_WORDS, anchor=False)
        words = predicted[texts.SEVERITY].tolist()
        show_chart(words_chart(words, model.bands), config=CONFIG, key="batch.words", alt=texts.DISTRIBUTION_WORDS)
    with halves.cell():
        st.subheader(texts.DISTRIBUTION_ECLO, anchor=False)
        eclos = predicted[texts.ECLO].tolist()
        show_chart(
            eclo_histogram(eclos, model.bands), config=CONFIG, key="batch.histogram", alt=texts.DISTRIBUTION_ECLO
        )


def _show_errors(results: Results) -> None:
    is_error = results.predicted[texts.ECLO].isna()
    if not is_error.any():
        st.caption(texts.NO_ERRORS)
        return
    frame = pd.concat([results.numbers, results.predicted[texts.ERROR_COLUMN], results.rows], axis=1)[is_error]
    frame = frame.loc[:, ~frame.columns.duplicated()]
    st.dataframe(frame, hide_index=True, column_config=table_columns(frame, results.columns))
