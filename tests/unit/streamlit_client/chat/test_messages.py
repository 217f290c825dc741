"""What is drawn of a message."""

from streamlit.testing.v1 import AppTest

from streamlit_client import texts_chat
from tests.patience import PATIENCE_SECONDS
from tests.ui.screen import texts_of


def page() -> None:
    import streamlit as st

    from streamlit_client.backend.contract_chat import NumberCheck
    from streamlit_client.chat.messages import show_message
    from tests.unit.streamlit_client.kept_chat import answer

    show_message(answer(number_check=NumberCheck.model_validate(st.session_state["check"])), "")


def drawn(**check: object) -> str:
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS)
    at.session_state["check"] = check
    at.run()
    assert not at.exception
    return texts_of(at)


def test_numbers_that_no_tool_gave_are_named_and_the_receipt_gives_the_share() -> None:
    texts = drawn(numbers=12, confirmed=10, unconfirmed=["1,234건", "5.6%"])
    assert texts_chat.UNCONFIRMED.format(numbers="1,234건, 5.6%") in texts
    assert "수치 12개 중 10개를 도구 결과에서 확인" in texts


def test_answer_without_numbers_has_no_word_of_them() -> None:
    texts = drawn(numbers=0, confirmed=0, unconfirmed=[])
    assert "도구 결과에서" not in texts
