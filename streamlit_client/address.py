"""The address of what is open, so that a reload, a link, back and forward show the same.

What a person opens is put into the address at once. A widget of which the address tells the value gets it when it is
first drawn and after a step back or forward; otherwise the person's own choice counts, and changes the address.
navigation.html decides which changes are steps of their own in the browser's history.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer
from streamlit.runtime.scriptrunner import get_script_run_ctx

from streamlit_client import state

DATASET, BATCH, PREDICTION, FORM = "dataset", "batch", "prediction", "form"
TAB, TOOL, ARGUMENTS, SECOND = "tab", "tool", "arguments", "second"
CONVERSATION, READ = "conversation", "read"


def find(name: str) -> str | None:
    """Returns what the address says."""
    return st.query_params.get(name) or None


def recall(name: str) -> str | None:
    """Returns what the address says, else what this session opened last; after a step back the address alone counts."""
    if came_back():
        state.forget(_memory(name))
    return find(name) or state.recall(_memory(name), str)


def put(**parts: str | None) -> None:
    """Writes parts of the address, all at once; None takes a part away."""
    for name, value in parts.items():
        state.remember(_memory(name), value)
    before = st.query_params.to_dict()
    after = {name: value for name, value in {**before, **parts}.items() if value}
    if after != before:
        st.query_params.from_dict(after)


def came_back() -> bool:
    """Whether this run of the page comes from a step back or forward in the browser."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def seed(name: str, key: str, options: Sequence[str | None]) -> None:
    """Gives a widget the option that the address names, else the first; to be called before it is drawn."""
    if key not in st.session_state or came_back():
        named = find(name)
        state.remember(key, named if named in options else options[0])


def tabs(labels: Sequence[str], key: str, name: str = TAB) -> Sequence[TabContainer]:
    """Draws tabs, of which the address tells the open one."""
    seed(name, key, labels)
    return st.tabs(labels, key=key, on_change=follow, args=(name, key))


def follow(name: str, key: str) -> None:
    """Writes the new value of a widget; to be called when it changes."""
    put(**{name: st.session_state[key]})


def _memory(name: str) -> str:
    return f"address.{name}"
