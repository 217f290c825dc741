"""The results of a batch: figures, table, distribution, errors, downloads."""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

import pandas as pd
import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Batch, BatchItem, Model
from streamlit_client.batch.upload import SentFile, find_sent_file
from streamlit_client.charts.distribution import eclo_histogram, words_chart
from streamlit_client.charts.style import CONFIG
from streamlit_client.files.csv_columns import MOMENT
from streamlit_client.files.csv_output import guarded_csv, write_csv
from streamlit_client.parts.asking import ask
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.elements import show_download

_ENDED = {"completed": st.success, "cancelled": st.info, "failed": st.error}
_MOST_ERRORS = 500
_NARROWEST, _CHART_WIDTH = 130, 340
_KEPT_BATCHES = 8


def show_results(batch: Batch, model: Model) -> None:
    """Draws the results of a batch that has ended."""
    _ENDED[batch.status](texts.ENDED[batch.status].format(done=batch.done), icon=texts.BATCH_ICONS[batch.status])
    content = ask(
        f"results.{batch.batch_id}", lambda: _fetch_results(batch.batch_id, batch.finished_at), waiting=texts.LOADING
    )
    if content is None:
        return
    results = _read_results(content)
    if results.empty:
        st.caption(texts.NO_RESULTS)
        return
    predicted = results.dropna(subset=[texts.ECLO])
    _show_figures(batch, predicted, model)
    _show_downloads(batch, content, results)
    table, distribution, errors = st.tabs(texts.RESULT_TABS)
    with table:
        _show_table(results)
    with distribution:
        _show_distribution(predicted, model)
    with errors:
        _show_errors(batch)


# The results of an ended batch never change.
@st.cache_data(max_entries=_KEPT_BATCHES, show_spinner=False)
def _fetch_results(batch_id: str, finished_at: datetime | None) -> bytes:  # noqa: ARG001 - part of the cache key
    return state.gateway().get_results_csv(batch_id)


@st.cache_data(max_entries=_KEPT_BATCHES, show_spinner=False)
def _list_errors(batch_id: str, total: int, failed: int) -> list[BatchItem]:
    items: list[BatchItem] = []
    for item in state.gateway().iterate_results(batch_id, total):
        if item.error is not None:
            items.append(item)
            if len(items) >= min(failed, _MOST_ERRORS):
                break
    return items


def _read_results(content: bytes) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(content),
        encoding="utf-8-sig",
        keep_default_na=False,
        na_values={texts.ECLO: [""], texts.EXPECTED: [""]},
    )


def _show_figures(batch: Batch, predicted: pd.DataFrame, model: Model) -> None:
    severe = {band.interpretation for band in model.bands[len(model.bands) // 2 :]}
    figures = st.grid(4, min_column_width=_NARROWEST)
    figures.metric(texts.PREDICTED_COUNT, texts.COUNT.format(count=len(predicted)))
    figures.metric(texts.ERROR_COUNT, texts.COUNT.format(count=batch.failed))
    if not predicted.empty:
        figures.metric(texts.MEAN_EXPECTED, f"{predicted[texts.EXPECTED].mean():.2f}", help=texts.ABOUT_EXPECTED)
        percent = 100 * predicted[texts.SEVERITY].isin(severe).mean()
        figures.metric(texts.SEVERE_SHARE, texts.PERCENT.format(share=percent))


def _show_downloads(batch: Batch, content: bytes, results: pd.DataFrame) -> None:
    with st.container(horizontal=True):
        show_download(
            texts.DOWNLOAD,
            lambda: guarded_csv(content),
            texts.RESULT_FILE,
            key="batch.download",
            type="primary",
            help=texts.DOWNLOAD_HELP,
            icon=":material/download:",
        )
        sent = find_sent_file(batch.batch_id)
        if sent is not None:
            show_download(
                texts.DOWNLOAD_JOINED,
                lambda: join_results(sent, results),
                texts.JOINED_FILE.format(stem=PurePath(sent.upload.name).stem),
                key="batch.download_joined",
                icon=":material/table_view:",
            )


def join_results(sent: SentFile, results: pd.DataFrame) -> bytes:
    """Returns the user's file with the results added to its rows."""
    columns = [column for column in texts.RESULT_COLUMNS if column in results.columns]
    cells: Sequence[Sequence[str]] = results[columns].astype(str).replace("nan", "").to_numpy().tolist()
    return write_csv(sent.read.join(sent.upload.table, columns, cells))


def _show_table(results: pd.DataFrame) -> None:
    first = [name for name in (texts.RESULT_NUMBER, *texts.RESULT_COLUMNS[:-1]) if name in results.columns]
    rest = [name for name in results.columns if name not in first]
    decimals = (texts.ECLO, texts.EXPECTED, texts.RANGE_LOW, texts.RANGE_HIGH)
    st.dataframe(
        results[[*first, *rest]],
        hide_index=True,
        column_config={
            **{texts.FIELD_NAMES[name]: st.column_config.NumberColumn(format="%d") for name in MOMENT},
            **{name: st.column_config.NumberColumn(format="%.2f") for name in decimals},
        },
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


def _show_errors(batch: Batch) -> None:
    if not batch.failed:
        st.caption(texts.NO_ERRORS)
        return
    items = ask(f"errors.{batch.batch_id}", lambda: _list_errors(batch.batch_id, batch.total, batch.failed))
    if items is None:
        return
    if len(items) < batch.failed:
        st.caption(texts.ERRORS_CUT.format(count=batch.failed, shown=len(items)))
    rows = [row for item in items for row in _error_rows(item)]
    st.dataframe(pd.DataFrame(rows, columns=list(texts.ERROR_COLUMNS)), hide_index=True)


def _error_rows(item: BatchItem) -> list[tuple[int, str, str, str]]:
    if item.error is None:
        return []
    if not item.error.details:
        return [(item.index + 1, "", item.error.message, "")]
    return [
        (item.index + 1, texts.FIELD_NAMES.get(detail.field, detail.field), detail.message, detail.suggestion or "")
        for detail in item.error.details
    ]
