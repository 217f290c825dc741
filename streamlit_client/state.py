"""The state of the page: shared clients and caches, and the values of a session."""

from functools import cache
from typing import TypeVar

import streamlit as st

from streamlit_client.backend.chat_calls import ChatCalls
from streamlit_client.backend.dataset_calls import DatasetCalls
from streamlit_client.backend.gateway_client import GatewayClient
from streamlit_client.backend.known_model import KnownModel
from streamlit_client.settings import PageSettings

Value = TypeVar("Value")


@cache
def settings() -> PageSettings:
    """Returns the settings of the process."""
    return PageSettings()


def public(path: str) -> str:
    """Returns a path of the page's server as browsers see it."""
    return f"{settings().base_path}{path}"


@cache
def gateway() -> GatewayClient:
    """Returns the shared client."""
    return GatewayClient(settings())


@cache
def datasets() -> DatasetCalls:
    """Returns the calls about datasets, links and tools."""
    return DatasetCalls(gateway())


@cache
def chat() -> ChatCalls:
    """Returns the calls about the chat."""
    return ChatCalls(gateway())


@cache
def known_model() -> KnownModel:
    """Returns the shared cache of the model's description."""
    return KnownModel(lambda: gateway().get_model())


def remember(name: str, value: object) -> None:
    """Stores a value in the session."""
    st.session_state[name] = value


def recall(name: str, kind: type[Value]) -> Value | None:
    """Returns the stored value, or None if there is none of that type."""
    value = st.session_state.get(name)
    return value if isinstance(value, kind) else None


def take(name: str, kind: type[Value]) -> Value | None:
    """Returns the stored value once."""
    value = recall(name, kind)
    forget(name)
    return value


def forget(*names: str) -> None:
    """Removes the values of these names."""
    for name in names:
        st.session_state.pop(name, None)
