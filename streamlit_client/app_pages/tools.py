"""The page 분석 도구: runs the tools of the chat by hand."""

from typing import Any

import orjson
import streamlit as st

from servicekit.question import Question
from streamlit_client import address, state, texts, texts_chat
from streamlit_client.backend.contract_datasets import Profile, Tool, ToolResult
from streamlit_client.explore.filters.bar import show_filters
from streamlit_client.parts.asking import ask, start_over
from streamlit_client.parts.elements import announce, name_page, show_answer
from streamlit_client.parts.open_dataset import choose_dataset
from streamlit_client.tools.form import find_need, show_tool_form
from streamlit_client.tools.known_tools import known_tools
from streamlit_client.tools.result import show_basis, show_code, show_table_and_chart, without_table

_CHOICE, _RESULT = "tools.choice", "tools.result"


def open_chosen() -> None:
    """Opens the chosen tool with an empty form."""
    address.put(tool=st.session_state[_CHOICE], arguments=None)


def find_arguments() -> dict[str, Any] | None:
    """Returns the arguments in the address; None if they are missing or unreadable."""
    try:
        arguments = orjson.loads(address.find(address.ARGUMENTS) or "null")
    except orjson.JSONDecodeError:
        return None
    return arguments if isinstance(arguments, dict) else None


def run_once(*wanted: Any) -> ToolResult:
    """Runs a tool once per dataset and arguments while the page shows the result."""
    kept = state.recall(_RESULT, tuple)
    if kept is not None and kept[0] == wanted:
        result: ToolResult = kept[1]
        return result
    result = state.datasets().run_tool(*wanted)
    state.remember(_RESULT, (wanted, result))
    return result


def show_tool(tool: Tool, profile: Profile, question: Question) -> None:
    """Draws a tool's description and form, and the result for the current arguments once it has run.

    It runs on the rows that the question is about.
    """
    narrowing = question.model_dump(mode="json", include={"define", "where"}, exclude_defaults=True)
    asked = f"tool.{profile.dataset_id}.{orjson.dumps(narrowing).decode()}"
    show_answer(tool.description)
    need = find_need(tool, profile)
    if need is not None:
        st.warning(need, icon=":material/info:")
    with st.container(border=True):
        arguments = show_tool_form(tool, profile, find_arguments())
        is_pressed = st.button(texts_chat.RUN, key="tools.run", type="primary", icon=":material/play_arrow:")
        if arguments is None:
            return
        if is_pressed:
            start_over(asked)
            address.put(tool=tool.name, arguments=orjson.dumps(arguments).decode())
    if find_arguments() != arguments:
        return
    result = ask(
        asked, lambda: run_once(profile.dataset_id, tool.name, arguments | narrowing), waiting=texts_chat.RUNNING
    )
    if result is None:
        return
    text = without_table(result.result)
    show_answer(text)
    announce(text)
    show_table_and_chart(result.table, result.chart, key=f"tool.result.{tool.name}")
    show_basis(result.rows_used, result.rows_missing)
    with st.expander(texts_chat.CODE, icon=":material/code:"):
        show_code(result.code)


st.title(texts_chat.TOOLS_TITLE, anchor=False)
st.caption(texts_chat.TOOLS_INTRO)
profile = choose_dataset()
tools = ask("tools", known_tools, waiting=texts.LOADING) if profile is not None else None
if profile is not None and tools:
    name_page(profile.name, texts_chat.TOOLS_PAGE)
    by_name = {tool.name: tool for tool in tools}
    titles = {name: f"{tool.group} · {tool.title}" for name, tool in by_name.items()}
    address.seed(address.TOOL, _CHOICE, list(titles))
    name = st.selectbox(
        texts_chat.TOOL, list(titles), format_func=titles.__getitem__, key=_CHOICE, on_change=open_chosen
    )
    question = show_filters(profile)
    if question is not None:
        if question.search:
            st.warning(texts_chat.SEARCH_UNUSED, icon=":material/info:")
        show_tool(by_name[name], profile, question)
