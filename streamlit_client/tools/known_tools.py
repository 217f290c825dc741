"""The analysis tools, cached for all sessions."""

from collections.abc import Sequence

import streamlit as st

from streamlit_client import state
from streamlit_client.backend.contract_datasets import Tool
from streamlit_client.backend.gateway_client import GatewayError

_FRESH_SECONDS = 600.0


@st.cache_resource(ttl=_FRESH_SECONDS, show_spinner=False)
def known_tools() -> Sequence[Tool]:
    """Returns the tools; they do not change while the services run. Raises `GatewayError`."""
    return state.datasets().list_tools()


def tool_title(name: str) -> str:
    """Returns the display name of a tool; its technical name if the tools cannot be fetched."""
    try:
        return next((tool.title for tool in known_tools() if tool.name == name), name)
    except GatewayError:
        return name
