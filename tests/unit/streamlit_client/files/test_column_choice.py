import json

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from servicekit.prediction_inputs import INPUTS
from streamlit_client import cookies
from streamlit_client.files.column_memory import encode_choices

SHORT, LONG = {"weather": "하늘"}, dict.fromkeys(INPUTS, "하" * 60)


def page(choices: dict[str, str]) -> None:
    import streamlit as st

    from streamlit_client.files.column_choice import _remember, _remembered

    _remember(choices)
    st.json(dict(_remembered()))


@pytest.mark.parametrize(("choices", "cookies_sent"), [(SHORT, 1), (LONG, 0)])
def test_choices_too_long_for_a_cookie_are_remembered_by_the_session_alone(
    monkeypatch: pytest.MonkeyPatch, choices: dict[str, str], cookies_sent: int
) -> None:
    monkeypatch.setattr(type(st.context), "cookies", {})
    assert len(encode_choices(LONG)) > cookies.LONGEST
    at = AppTest.from_function(page, args=(choices,)).run()
    assert not at.exception
    assert len(at.get("html")) == cookies_sent
    assert json.loads(at.json[0].value) == choices
