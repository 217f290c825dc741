"""A tool step of an answer opens as a question, for visitors of a share link on the same page."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_datasets, texts_explore
from tests.patience import PATIENCE_SECONDS
from tests.unit.streamlit_client.explore.opened_page import asked

WHERE = [{"column": "기상상태", "value": "비"}]


def page() -> None:
    from typing import Any

    import streamlit as st

    from streamlit_client.backend.contract_chat import ToolCall
    from streamlit_client.chat.question_link import show_question_link

    nothing: Any = {
        "args": {},
        "table": None,
        "chart": None,
        "code": "",
        "error": None,
        "rows_used": 0,
        "rows_missing": 0,
    }
    call = ToolCall(call_id="1", name="t", result="", duration_ms=1.0, question=st.session_state["question"], **nothing)
    show_question_link(call, "id", key="step")


def drawn(question: Any) -> AppTest:
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS)
    at.session_state["question"] = question
    at.query_params["share"] = "token"
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("question", "tab", "in_address"),
    [
        ({"where": WHERE, "limit": 5, "columns": ["ECLO"]}, texts_explore.TABLE, {"where": WHERE}),
        ({"where": WHERE, "groups": ["유형"]}, texts_explore.CHARTS, {"where": WHERE, "groups": ["유형"]}),
    ],
)
def test_step_opens_with_its_conditions_and_groups(question: Any, tab: str, in_address: Any) -> None:
    at = drawn(question)
    at.button[0].click().run()
    shown = {name: value if isinstance(value, str) else value[0] for name, value in at.query_params.items()}
    assert (shown["tab"], shown["view"]) == (tab, texts_datasets.SHARED_TABS[0])
    assert asked(at) == in_address


@pytest.mark.parametrize("question", [None, {"of_another": "version"}])
def test_step_without_a_question_has_no_link(question: Any) -> None:
    assert not drawn(question).button
