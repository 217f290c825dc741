"""What the page keeps: the client and the model for everybody, and a person's own things in their session."""

from functools import cache
from typing import TypeVar

import streamlit as st

from streamlit_client.chat_calls import ChatCalls
from streamlit_client.dataset_calls import DatasetCalls
from streamlit_client.gateway_client import GatewayClient
from streamlit_client.known_model import KnownModel
from streamlit_client.settings import PageSettings

Value = TypeVar("Value")


@cache
def settings() -> PageSettings:
    """Returns the settings of the process."""
    return PageSettings()


def public(path: str) -> str:
    """Returns where browsers find a path of the page's server."""
    return f"{settings().base_path}{path}"


@cache
def gateway() -> GatewayClient:
    """Returns the client that all sessions share."""
    return GatewayClient(settings())


@cache
def datasets() -> DatasetCalls:
    """Returns what can be asked about datasets, links and tools."""
    return DatasetCalls(gateway())


@cache
def chat() -> ChatCalls:
    """Returns what can be asked about the chat."""
    return ChatCalls(gateway())


@cache
def known_model() -> KnownModel:
    """Returns what all sessions know of the model."""
    return KnownModel(lambda: gateway().get_model())


def remember(name: str, value: object) -> None:
    """Keeps a value for this person's session."""
    st.session_state[name] = value


def recall(name: str, kind: type[Value]) -> Value | None:
    """Returns what was kept under the name, or None where there is nothing of that kind."""
    found = st.session_state.get(name)
    return found if isinstance(found, kind) else None


def forget(*names: str) -> None:
    """Drops what was kept under the names."""
    for name in names:
        st.session_state.pop(name, None)
