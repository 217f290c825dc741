"""What a person sees instead of a traceback."""

import uuid

import streamlit as st
import structlog

from streamlit_client import texts

log = structlog.get_logger(__name__)


def show_unforeseen(error: Exception) -> bool:
    """Shows a sentence with a number under which the log has the traceback. Returns True: nothing more is shown."""
    incident = uuid.uuid4().hex[:12]
    log.error("page_failed", incident=incident, exc_info=error)
    st.error(texts.UNFORESEEN, icon=":material/error:")
    st.caption(texts.INCIDENT.format(incident=incident))
    return True
