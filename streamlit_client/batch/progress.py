"""A running batch: live progress and a stop button."""

from datetime import UTC, datetime

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Batch
from streamlit_client.backend.gateway_client import GatewayError, GatewayRefused
from streamlit_client.parts.asking import ask
from streamlit_client.parts.wording import clock_text, duration_text

_POLL_SECONDS = 0.7
_CANCELLING = "batch.cancelling"


@st.fragment(run_every=_POLL_SECONDS)
def follow_batch(batch_id: str) -> None:
    """Draws the progress and refreshes it. Reruns the page once the batch has ended or cannot be read."""
    try:
        batch = state.gateway().get_batch(batch_id)
    except GatewayError:
        st.rerun()
    if batch.has_ended:
        st.rerun()
    st.progress(batch.progress, progress_text(batch))
    st.button(
        texts.CANCEL,
        key="batch.cancel",
        icon=":material/stop:",
        disabled=state.recall(_CANCELLING, str) == batch_id,
        on_click=state.remember,
        args=(_CANCELLING, batch_id),
    )
    if state.recall(_CANCELLING, str) == batch_id and ask("cancel_batch", lambda: _cancel(batch_id)):
        state.forget(_CANCELLING)
        st.rerun()


def progress_text(batch: Batch) -> str:
    """Describes the progress of a batch and its estimated completion."""
    text = texts.PROGRESS.format(status=texts.BATCH_WORDS[batch.status], done=batch.done, total=batch.total)
    if batch.failed:
        text += texts.PROGRESS_FAILED.format(failed=batch.failed)
    if batch.estimated_completion is not None:
        left = batch.estimated_completion - datetime.now(UTC)
        text += texts.PROGRESS_ETA.format(moment=clock_text(batch.estimated_completion), left=duration_text(left))
    return text


def _cancel(batch_id: str) -> bool:
    try:
        state.gateway().cancel_batch(batch_id)
    except GatewayRefused as refusal:
        if refusal.code != "BATCH_ENDED":  # an ended batch needs no cancelling
            raise
    return True
