"""The page 분석 도구: the tools of the chat, used by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import streamlit as st

from streamlit_client import address, state, texts
from streamlit_client import texts_chat as words
from streamlit_client.components.answer import show_answer
from streamlit_client.components.connection import ask, start_over
from streamlit_client.components.open_dataset import choose_dataset
from streamlit_client.components.page_title import name_page
from streamlit_client.components.tool_form import ArgumentUnreadable, show_tool_form
from streamlit_client.components.tool_result import show_basis, show_code, show_table_and_chart
from streamlit_client.contract_datasets import Profile, Tool

_CHOICE = "tools.choice"
_FRESH_SECONDS = 600.0


@st.cache_data(ttl=_FRESH_SECONDS, show_spinner=False)
def list_tools() -> Sequence[Tool]:
    """Returns the tools; they do not change while the services run."""
    return state.datasets().list_tools()


def open_chosen() -> None:
    """Opens the tool that was chosen, with nothing filled in."""
    address.put(tool=st.session_state[_CHOICE], arguments=None)


def find_arguments() -> Mapping[str, Any] | None:
    """Returns what the tool ran with, as the address says; None where it says nothing that can be read."""
    try:
        arguments = orjson.loads(address.find(address.ARGUMENTS) or "null")
    except orjson.JSONDecodeError:
        return None
    return arguments if isinstance(arguments, dict) else None


def show_tool(tool: Tool, profile: Profile) -> None:
    """Draws a tool's manual, its form, and the result once it has run."""
    show_answer(tool.description)
    arguments = find_arguments()
    try:
        sent = show_tool_form(tool, profile, arguments)
    except ArgumentUnreadable as unreadable:
        st.error(str(unreadable), icon=":material/error:")
        return
    if sent is not None:
        start_over("tool")
        arguments = sent
        address.put(tool=tool.name, arguments=orjson.dumps(sent).decode())
    if arguments is None:
        return
    result = ask(
        "tool", lambda: state.datasets().run_tool(profile.dataset_id, tool.name, arguments), waiting=words.RUNNING
    )
    if result is None:
        return
    show_answer(result.result)
    show_table_and_chart(result.table, result.chart, key=f"tool.result.{tool.name}")
    show_basis(result.rows_used, result.rows_missing)
    with st.expander(words.CODE, icon=":material/code:"):
        show_code(result.code)


st.title(words.TOOLS_TITLE, anchor=False)
st.caption(words.TOOLS_INTRO)
profile = choose_dataset()
tools = ask("tools", list_tools, waiting=texts.LOADING) if profile is not None else None
if profile is not None and tools:
    name_page(profile.name, words.TOOLS_PAGE)
    by_name = {tool.name: tool for tool in tools}
    address.seed(address.TOOL, _CHOICE, list(by_name))
    name = st.selectbox(
        words.TOOL,
        list(by_name),
        format_func=lambda name: f"{by_name[name].group} · {name}",
        key=_CHOICE,
        on_change=open_chosen,
    )
    show_tool(by_name[name], profile)
