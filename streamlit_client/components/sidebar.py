"""The sidebar: how the back end is. Later parts of the sidebar are added to `show_sidebar`."""

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.contract import Health, PartHealth
from streamlit_client.gateway_client import GatewayError

_REFRESH_SECONDS = 10.0
_FRESH_SECONDS = 5.0


def show_sidebar() -> None:
    """Draws the sidebar. Only the state of the back end is drawn again by itself; forms are left alone."""
    with st.sidebar:
        _show_backend()


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


# All sessions share one look, and clicks do not each ask again.
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
