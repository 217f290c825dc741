"""Predicts every row of a dataset, and stores the result as a new dataset.

A run survives a reload: a cookie keeps its batches and columns, the rest is read again. Each version of a dataset has
one entry in the session: a run, its result, or `_DISCARDED`. The cookie is read only without an entry.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from streamlit_client import cookies, state, texts, texts_datasets
from streamlit_client.backend.contract import Accident, Batch
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.backend.gateway_client import GatewayError, GatewayRefused
from streamlit_client.datasets.finished_prediction import Finished, Unstored, show_finished
from streamlit_client.datasets.prediction_rows import (
    MOST_COLUMNS,
    compare,
    expected_bytes,
    free_names,
    result_rows,
    split_into_batches,
)
from streamlit_client.datasets.prediction_run import PredictionRun, decode_run, encode_run
from streamlit_client.datasets.text_table import text_table
from streamlit_client.files.column_choice import connect_columns
from streamlit_client.files.csv_columns import Columns, ReadAccidents, read_accidents
from streamlit_client.files.csv_file import CsvTable
from streamlit_client.files.csv_output import write_csv
from streamlit_client.files.file_choice import MOST_BYTES
from streamlit_client.parts.asking import ask, is_worth_repeating, start_over
from streamlit_client.parts.wording import size_text

COOKIE = "prediction"
_POLL_SECONDS = 0.7
_LONGEST_SOURCE_NAME = 200 - len(texts_datasets.PREDICT_NAME.format(name=""))
_DISCARDED = "discarded"
# The last table and its reading; and the key of the run in the cookie.
_SOURCE, _READING, _KEPT = "prediction.source", "prediction.reading", "prediction.kept"


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset as texts, and its estimated size with results."""

    key: str
    table: CsvTable
    expected_bytes: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The accidents in the rows of a dataset, read with these columns."""

    key: str
    columns: Columns
    accidents: ReadAccidents


def offer_unfinished(open_prediction: Callable[[str], None]) -> None:
    """Offers to continue a prediction that was running before the page was reloaded.

    `open_prediction` is called with the id of its dataset.
    """
    run = decode_run(cookies.find_text(COOKIE) or "")
    if run is None:
        return
    key = _key(run.dataset_id, run.content_hash)
    if key in st.session_state:
        if state.recall(key, str) == _DISCARDED:
            _drop_kept(key)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(texts_datasets.PREDICT_UNFINISHED, width="content")
        st.button(
            texts_datasets.PREDICT_GO_ON, key="prediction.go_on", on_click=open_prediction, args=(run.dataset_id,)
        )
        st.button(texts_datasets.PREDICT_GIVE_UP, key="prediction.give_up", on_click=_give_up, args=(key,))


def show_prediction(profile: Profile) -> None:
    """Draws the steps from a dataset to one with predictions."""
    st.markdown(texts_datasets.PREDICT_INTRO)
    key = _key(profile.dataset_id, profile.content_hash)
    finished = state.recall(key, Finished)
    if finished is not None:
        _drop_kept(key)
        show_finished(finished)
        st.button(
            texts_datasets.PREDICT_ANEW,
            key="prediction.anew",
            on_click=_begin_again,
            args=(key,),
            icon=":material/replay:",
        )
        return
    if profile.columns > MOST_COLUMNS:
        st.error(
            texts_datasets.PREDICT_TOO_WIDE.format(columns=profile.columns, most=MOST_COLUMNS),
            icon=":material/view_column:",
        )
        return
    source = _find_source(profile, key)
    if source is None:
        return
    if source.expected_bytes > MOST_BYTES:
        st.error(
            texts_datasets.PREDICT_TOO_LARGE.format(size=size_text(source.expected_bytes)), icon=":material/database:"
        )
        return
    run = _find_run(profile, source) or _begin(profile, source)
    if run is not None:
        _go_on(profile, source, run)


def _key(dataset_id: str, content_hash: str) -> str:
    return f"prediction.{dataset_id}.{content_hash}"


def _questions(key: str) -> tuple[str, str, str]:
    return f"{key}.create", f"{key}.follow", f"{key}.store"


def _find_source(profile: Profile, key: str) -> Source | None:
    known = state.recall(_SOURCE, Source)
    if known is not None and known.key == key:
        return known

    def read() -> Source:
        table = text_table(state.datasets().read_data(profile.dataset_id))
        return Source(key, table, expected_bytes(table))

    source = ask(f"{key}.read", read, waiting=texts_datasets.PREDICT_READING)
    if source is not None:
        state.remember(_SOURCE, source)
    return source


def _find_run(profile: Profile, source: Source) -> PredictionRun | None:
    """Returns the run of this session, else the one in the cookie."""
    if source.key in st.session_state:
        return state.recall(source.key, PredictionRun)
    run = decode_run(cookies.find_text(COOKIE) or "")
    if run is None or run.dataset_id != profile.dataset_id:
        return None
    key = _key(run.dataset_id, run.content_hash)
    if key != source.key or not run.fits(source.table):  # the dataset was reread since
        _give_up(key)
        _drop_kept(key)
        return None
    state.remember(key, run)
    state.remember(_KEPT, key)
    return run


def _give_up(key: str) -> None:
    state.remember(key, _DISCARDED)
    state.remember(_KEPT, key)


def _begin(profile: Profile, source: Source) -> PredictionRun | None:
    """Draws the choice of columns. Returns a run without batches once the user starts it."""
    _drop_kept(source.key)
    columns = connect_columns(source.table, source.key)
    if columns is None:
        return None
    read = _read(source, columns)
    if not read.accidents:
        st.error(texts.NOTHING_READABLE, icon=":material/error:")
        return None
    if read.unreadable:
        st.warning(texts.UNREADABLE_ROWS.format(count=len(read.unreadable)), icon=":material/warning:")
    if not st.button(
        texts_datasets.PREDICT_START.format(count=len(read.accidents)), key="prediction.start", type="primary"
    ):
        return None
    run = PredictionRun(profile.dataset_id, profile.content_hash, columns)
    state.remember(source.key, run)
    return run


def _begin_again(key: str) -> None:
    state.remember(key, _DISCARDED)
    for question in _questions(key):
        start_over(question)


def _read(source: Source, columns: Columns) -> ReadAccidents:
    known = state.recall(_READING, Reading)
    if known is not None and (known.key, known.columns) == (source.key, columns):
        return known.accidents
    accidents = read_accidents(source.table, columns)
    state.remember(_READING, Reading(source.key, dict(columns), accidents))
    return accidents


def _go_on(profile: Profile, source: Source, run: PredictionRun) -> None:
    create, follow, store = _questions(source.key)
    read = _read(source, run.columns)
    pieces = list(split_into_batches(read.accidents))
    if run.batch_ids:
        _keep(source.key, run)
    if len(run.batch_ids) < len(pieces):
        sent = ask(
            create,
            lambda: _send(source.key, run, pieces),
            waiting=texts_datasets.PREDICT_SENDING.format(count=len(read.accidents)),
            is_repeatable=False,
        )
        if sent is not None:
            st.rerun()
        _offer_to_start_over(source.key)
        return
    batches = ask(follow, lambda: [state.gateway().get_batch(batch_id) for batch_id in run.batch_ids])
    if batches is None:
        _offer_to_start_over(source.key)
    elif not all(batch.has_ended for batch in batches):
        _show_progress(run)
    elif not _are_complete(batches, pieces):
        st.error(texts_datasets.PREDICT_FAILED, icon=":material/error:")
        _offer_to_start_over(source.key)
    else:
        finished = ask(store, lambda: _store(profile, source, run, read), waiting=texts_datasets.PREDICT_STORING)
        if finished is not None:
            state.remember(source.key, finished)
            st.rerun()
        _offer_to_start_over(source.key)


def _send(key: str, run: PredictionRun, pieces: Sequence[Sequence[Accident]]) -> PredictionRun:
    """Sends the remaining batches. Each is remembered at once, because the next may be refused."""
    for piece in pieces[len(run.batch_ids) :]:
        batch_id = state.gateway().create_batch(piece, dataset_id=run.dataset_id)
        run = replace(run, batch_ids=(*run.batch_ids, batch_id))
        state.remember(key, run)
        _keep(key, run)
    return run


def _keep(key: str, run: PredictionRun) -> None:
    state.remember(_KEPT, key)
    cookies.keep(COOKIE, encode_run(run))


def _drop_kept(key: str) -> None:
    """Drops the cookie of a run that is over, unless it has the run of another dataset now."""
    if state.recall(_KEPT, str) == key:
        cookies.drop(COOKIE)


def _offer_to_start_over(key: str) -> None:
    st.button(texts_datasets.PREDICT_START_OVER, key="prediction.again", on_click=_begin_again, args=(key,))


def _are_complete(batches: Sequence[Batch], pieces: Sequence[Sequence[Accident]]) -> bool:
    is_ours = [batch.total for batch in batches] == [len(piece) for piece in pieces]
    return is_ours and all(batch.status == "completed" for batch in batches)


@st.fragment(run_every=_POLL_SECONDS)
def _show_progress(run: PredictionRun) -> None:
    try:
        batches = [state.gateway().get_batch(batch_id) for batch_id in run.batch_ids]
    except GatewayError:
        st.rerun()
    if all(batch.has_ended for batch in batches):
        st.rerun()
    done, total = sum(batch.done for batch in batches), sum(batch.total for batch in batches)
    st.progress(done / max(1, total), texts_datasets.PREDICT_PROGRESS.format(done=done, total=total))


def _store(profile: Profile, source: Source, run: PredictionRun, read: ReadAccidents) -> Finished:
    """Returns the new dataset, or the file itself if it is refused permanently, so that nothing is lost."""
    results = result_rows([state.gateway().get_results_csv(batch_id) for batch_id in run.batch_ids])
    model = state.known_model().get().model_version
    name = texts_datasets.PREDICT_NAME.format(name=profile.name[:_LONGEST_SOURCE_NAME])
    content = write_csv(read.join(source.table, free_names(source.table.columns), results))
    result: Profile | Unstored
    try:
        result = state.datasets().upload(
            f"{name}.csv",
            content,
            name=name,
            description=texts_datasets.PREDICT_DESCRIPTION.format(name=profile.name, model=model),
            encoding="utf-8-sig",
            idempotency_key=f"prediction.{run.batch_ids[0]}",
        )
    except GatewayRefused as refusal:
        if is_worth_repeating(refusal):
            raise
        result = Unstored(content, refusal.sentence)
    return Finished(name, result, compare(source.table, read, results))
