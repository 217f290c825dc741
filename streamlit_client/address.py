"""Keeps what is open in the address, so that reloads, links, back and forward show the same.

What the user opens is put into the address at once. A widget whose value is in the address gets it when it is first
drawn and after a step back or forward; otherwise the user's choice counts, and changes the address. navigation.html
decides which changes are separate steps in the browser's history.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer
from streamlit.runtime.scriptrunner import get_script_run_ctx

from streamlit_client import state

DATASET, BATCH, FILE, PREDICTION, FORM = "dataset", "batch", "file", "prediction", "form"
TAB, TOOL, ARGUMENTS, SECOND = "tab", "tool", "arguments", "second"
CONVERSATION, READ, QUESTION = "conversation", "read", "q"
PERIOD, MAP, CHART, X, Y = "period", "map", "chart", "x", "y"


def find(name: str) -> str | None:
    """Returns a value in the address."""
    return st.query_params.get(name) or None


def recall(name: str) -> str | None:
    """Returns the value in the address, else the last one of this session; after a step back, the address alone."""
    if came_back():
        state.forget(_memory(name))
    return find(name) or state.recall(_memory(name), str)


def put(**parts: str | None) -> None:
    """Changes values in the address, all at once; None removes a value."""
    for name, value in parts.items():
        state.remember(_memory(name), value)
    before = st.query_params.to_dict()
    after = {name: value for name, value in {**before, **parts}.items() if value}
    if after != before:
        st.query_params.from_dict(after)


def came_back() -> bool:
    """Whether a step back or forward in the browser caused this run of the page."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def seed(name: str, key: str, options: Sequence[str | None]) -> None:
    """Sets a widget to the option in the address, else the first. Call it before the widget is drawn."""
    if key not in st.session_state or came_back():
        named = find(name)
        state.remember(key, named if named in options else options[0])


def tabs(labels: Sequence[str], key: str, name: str = TAB) -> Sequence[TabContainer]:
    """Draws tabs whose open one is in the address."""
    seed(name, key, labels)
    return st.tabs(labels, key=key, on_change=follow, args=(name, key))


def follow(name: str, key: str) -> None:
    """Puts the new value of a widget into the address. Call it when the widget changes."""
    put(**{name: st.session_state[key]})


def _memory(name: str) -> str:
    return f"address.{name}"
