"""Shows an error message instead of a traceback."""

import uuid

import streamlit as st
import structlog

from streamlit_client import texts

log = structlog.get_logger(__name__)


def show_unforeseen(error: Exception) -> bool:
    """Shows a sentence with the id under which the traceback is logged. Returns True, so that nothing else is shown."""
    incident = uuid.uuid4().hex[:12]
    log.error("page_failed", incident=incident, exc_info=error)
    st.error(texts.UNFORESEEN, icon=":material/error:")
    st.caption(texts.INCIDENT.format(incident=incident))
    return True
