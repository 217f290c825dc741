"""The way from a tool step of an answer to 시각화, with the question that the step asked."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from servicekit.question import Question
from streamlit_client import address, state, texts_chat, texts_datasets, texts_explore
from streamlit_client.backend.contract_chat import ToolCall
from streamlit_client.explore.chart_choice import GROUP_FORMS
from streamlit_client.explore.filters.page_question import question_text
from streamlit_client.parts.shared_link import VIEW_TABS, is_visitor


def show_question_link(call: ToolCall, dataset_id: str, *, key: str) -> None:
    """Draws a link to the rows or groups of a tool step; with a share link, to the other tab of its page."""
    try:
        asked = Question.model_validate(call.question or {})
    except ValidationError:  # of another version
        return
    if call.question is None:
        return
    question = Question(
        define=asked.define, where=asked.where, search=asked.search, groups=asked.groups, measures=asked.measures
    )
    kind = call.chart.kind if call.chart is not None and call.chart.kind in GROUP_FORMS else GROUP_FORMS[0]
    parts = {
        address.QUESTION: question_text(question),
        address.TAB: texts_explore.CHARTS if question.groups else texts_explore.TABLE,
        address.CHART: kind if question.groups else None,
    }
    icon = ":material/bar_chart:"
    if is_visitor():
        open_here: dict[str, Any] = {"on_click": _open_here, "args": (parts, dataset_id)}
        st.button(texts_chat.OPEN_QUESTION, key=f"{key}.open", icon=icon, type="tertiary", **open_here)
        return
    query = {address.DATASET: dataset_id} | {name: value for name, value in parts.items() if value}
    st.page_link("app_pages/explore.py", label=texts_chat.OPEN_QUESTION, icon=icon, query_params=query)


def _open_here(parts: dict[str, str | None], dataset_id: str) -> None:
    """Opens the tab with the charts of a shared dataset, whose widgets follow the address."""
    view = texts_datasets.SHARED_TABS[0]
    state.remember(VIEW_TABS, view)
    state.forget(f"explore.tabs.{dataset_id}", f"chart.form.{dataset_id}")
    address.put(view=view, **parts)
