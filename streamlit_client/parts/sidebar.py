"""The sidebar: state of the back end, and the user's key. Pages add their own content."""

import streamlit as st

from streamlit_client import state, texts, texts_chat
from streamlit_client.backend.contract import Health, PartHealth
from streamlit_client.backend.gateway_client import GatewayError
from streamlit_client.parts.api_key import find_key, show_key

_REFRESH_SECONDS = 10.0
_FRESH_SECONDS = 5.0


def show_sidebar(*, needs_key: bool) -> None:
    """Draws the sidebar; the key field is open if the page needs a key and there is none.

    Only the state of the back end refreshes by itself; forms are not affected.
    """
    with st.sidebar:
        _show_backend()
        is_open = needs_key and find_key() is None
        with st.expander(texts_chat.KEY_HEADING, expanded=is_open, icon=":material/key:"):
            show_key()


@st.fragment(run_every=_REFRESH_SECONDS)
def _show_backend() -> None:
    health = _health()
    if health is None:
        with st.expander(texts.BACKEND_STATE.format(state=texts.BACKEND_AWAY), icon=":material/cloud_off:"):
            st.caption(texts.UNREACHABLE)
        return
    label = texts.BACKEND_STATE.format(state=texts.HEALTH_WORDS[health.status])
    with st.expander(label, icon=texts.HEALTH_ICONS[health.status]):
        for name, part in health.services.items():
            st.caption(_line(texts.PART_NAMES.get(name, name), part))


# Cached for all sessions, so that clicks do not each ask again.
@st.cache_data(ttl=_FRESH_SECONDS, show_spinner=False)
def _health() -> Health | None:
    try:
        return state.gateway().get_health()
    except GatewayError:
        return None


def _line(name: str, part: PartHealth) -> str:
    word = texts.HEALTH_WORDS.get(part.status, texts.HEALTH_WORDS["unknown"])
    icon = texts.HEALTH_ICONS.get(part.status, texts.HEALTH_ICONS["unknown"])
    latency = "" if part.latency_ms is None else texts.LATENCY.format(milliseconds=part.latency_ms)
    return f"{icon} {name} · {word}{latency}"
