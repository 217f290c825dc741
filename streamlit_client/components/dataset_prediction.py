"""Predicting every row of a dataset, and keeping the result as a new dataset."""

from dataclasses import dataclass

import streamlit as st

from streamlit_client import state, texts
from streamlit_client import texts_datasets as words
from streamlit_client.charts.actual_predicted import actual_by_predicted, constant_rmsle, rmsle
from streamlit_client.charts.style import EXPLORE_CONFIG
from streamlit_client.components.batch_upload import unreadable_note
from streamlit_client.components.column_choice import connect_columns
from streamlit_client.components.connection import ask, start_over
from streamlit_client.components.open_dataset import open_dataset
from streamlit_client.components.wording import plain_text
from streamlit_client.contract import Batch
from streamlit_client.contract_datasets import Profile
from streamlit_client.csv_columns import ReadAccidents, read_accidents
from streamlit_client.csv_file import CsvTable, read_csv
from streamlit_client.dataset_prediction import Comparison, compare, joined_dataset, parts, result_rows
from streamlit_client.gateway_client import GatewayError

_POLL_SECONDS = 0.7
_TABLE, _RUN, _DONE = "prediction.table", "prediction.run", "prediction.done"
_MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """Batches under way for one dataset, and what they are made of."""

    content_hash: str
    table: CsvTable
    read: ReadAccidents
    batch_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The new dataset, and how its predictions compare with what happened."""

    source_hash: str
    dataset: Profile
    comparison: Comparison | None


def show_prediction(profile: Profile) -> None:
    """Draws the way from a dataset to one with predictions."""
    st.markdown(words.PREDICT_INTRO)
    finished = state.recall(_DONE, Finished)
    if finished is not None and finished.source_hash == profile.content_hash:
        _show_finished(finished)
        return
    run = state.recall(_RUN, Run)
    if run is not None and run.content_hash == profile.content_hash:
        _follow(profile, run)
        return
    table = _table(profile)
    if table is None:
        return
    columns = connect_columns(table, profile.content_hash)
    if columns is None:
        return
    read = read_accidents(table, columns)
    if not read.accidents:
        st.error(texts.NOTHING_READABLE, icon=":material/error:")
        return
    if read.unreadable:
        st.warning(texts.UNREADABLE_ROWS.format(count=len(read.unreadable)), icon=":material/warning:")
    count = len(read.accidents)
    if st.button(words.PREDICT_START.format(count=count), key="prediction.start", type="primary"):
        start_over("prediction.create")
        state.remember("prediction.wanted", profile.content_hash)
    if state.recall("prediction.wanted", str) != profile.content_hash:
        return
    created = ask(
        "prediction.create",
        lambda: tuple(
            state.gateway().create_batch(part, dataset_id=profile.dataset_id) for part in parts(read.accidents)
        ),
        waiting=words.PREDICT_SENDING.format(count=count),
        is_repeatable=False,
    )
    if created is not None:
        state.forget("prediction.wanted")
        state.remember(_RUN, Run(profile.content_hash, table, read, created))
        st.rerun()


def _table(profile: Profile) -> CsvTable | None:
    known = state.recall(_TABLE, tuple)
    if known is not None and known[0] == profile.content_hash:
        table: CsvTable = known[1]
        return table
    read = ask(
        "prediction.read",
        lambda: read_csv(state.datasets().read_csv(profile.dataset_id), most_rows=_MOST_ROWS),
        waiting=words.PREDICT_READING,
    )
    if read is not None:
        state.remember(_TABLE, (profile.content_hash, read))
    return read


def _follow(profile: Profile, run: Run) -> None:
    batches = ask("prediction.follow", lambda: [state.gateway().get_batch(batch_id) for batch_id in run.batch_ids])
    if batches is None:
        return
    if not all(batch.has_ended for batch in batches):
        _show_progress(run)
        return
    if any(batch.status != "completed" for batch in batches):
        st.error(words.PREDICT_FAILED, icon=":material/error:")
        st.button(texts.TRY_AGAIN, key="prediction.again", on_click=state.forget, args=(_RUN,))
        return
    finished = ask("prediction.store", lambda: _store(profile, run), waiting=words.PREDICT_STORING)
    if finished is not None:
        state.forget(_RUN)
        state.remember(_DONE, finished)
        st.rerun()


@st.fragment(run_every=_POLL_SECONDS)
def _show_progress(run: Run) -> None:
    try:
        batches = [state.gateway().get_batch(batch_id) for batch_id in run.batch_ids]
    except GatewayError:
        st.rerun()
    if all(batch.has_ended for batch in batches):
        st.rerun()
    st.progress(_share(batches), _progress_text(batches))


def _share(batches: list[Batch]) -> float:
    return sum(batch.done for batch in batches) / max(1, sum(batch.total for batch in batches))


def _progress_text(batches: list[Batch]) -> str:
    done, total = sum(batch.done for batch in batches), sum(batch.total for batch in batches)
    return words.PREDICT_PROGRESS.format(done=done, total=total)


def _store(profile: Profile, run: Run) -> Finished:
    results = result_rows([state.gateway().get_results_csv(batch_id) for batch_id in run.batch_ids])
    notes = {unreadable.row: unreadable_note(unreadable) for unreadable in run.read.unreadable}
    name = words.PREDICT_NAME.format(name=profile.name)
    model = state.known_model().get().model_version
    stored = state.datasets().upload(
        f"{name}.csv",
        joined_dataset(run.table, run.read, notes, results),
        name=name,
        description=words.PREDICT_DESCRIPTION.format(name=profile.name, model=model),
        encoding="utf-8-sig",
        idempotency_key=f"prediction.{run.batch_ids[0]}",
    )
    return Finished(profile.content_hash, stored, compare(run.table, run.read, results))


def _show_finished(finished: Finished) -> None:
    st.success(words.PREDICT_DONE.format(name=plain_text(finished.dataset.name)), icon=":material/check_circle:")
    if st.button(words.PREDICT_OPEN, key="prediction.open", type="primary", icon=":material/bar_chart:"):
        open_dataset(finished.dataset.dataset_id)
        st.switch_page("app_pages/explore.py")
    if finished.comparison is None:
        return
    actual, predicted = finished.comparison.actual, finished.comparison.predicted
    ours, constant = rmsle(predicted, actual), constant_rmsle(actual)
    better = 100 * (1 - ours / constant) if constant else 0.0
    st.markdown(f"**{words.ACTUAL_HEADING}**")
    st.markdown(
        words.ACTUAL_SENTENCE.format(
            count=len(actual),
            rmsle=ours,
            constant=constant,
            better=abs(better),
            word=words.BETTER if better >= 0 else words.WORSE,
            actual=sum(actual) / len(actual),
            predicted=sum(predicted) / len(predicted),
        )
    )
    st.plotly_chart(
        actual_by_predicted(predicted, actual), config=EXPLORE_CONFIG, key="prediction.chart", alt=words.ACTUAL_HEADING
    )
