"""The page 예측: predicts one accident, and lists earlier predictions."""

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Accident, Model
from streamlit_client.parts.asking import ask
from streamlit_client.predict.accident_form import show_form
from streamlit_client.predict.history import show_history, show_newest
from streamlit_client.predict.opened_prediction import keep_form, open_named
from streamlit_client.predict.prediction_result import (
    BUTTON,
    find_answer,
    mark_outdated,
    request_prediction,
    show_answer,
    show_how_to_read,
    show_why,
)
from streamlit_client.predict.what_if import show_what_if

_HALF_WIDTH = 380
_PRESSED = "predict.pressed"


def note_press() -> None:
    """Remembers that the button was pressed until its prediction is drawn."""
    state.remember(_PRESSED, True)


def follow_form(accident: Accident | None) -> None:
    """Updates the page after a change in the form."""
    # Clicking the button while a date is being typed sends both at once, and Streamlit reruns only the form.
    if state.take(_PRESSED, bool) and accident is not None:
        request_prediction(accident)
        show_newest()
        st.rerun()
    mark_outdated(accident)
    keep_form(accident)


@st.fragment
def show_question_and_answer(model: Model) -> None:
    """Draws everything that the button changes, as a fragment: the rest of the page is not rerun."""
    state.forget(_PRESSED)
    open_named()
    halves = st.grid(2, min_column_width=_HALF_WIDTH, gap="medium")
    with halves.cell():
        accident = show_form(model, follow_form)
        is_pressed = st.button(texts.PREDICT_BUTTON, key=BUTTON, type="primary", width="stretch", on_click=note_press)
        if is_pressed and accident is not None:
            request_prediction(accident)
            show_newest()
    with halves.cell():
        answered = find_answer()
        if answered is None:
            show_how_to_read(model)
        else:
            show_answer(answered, model)
            why, what_if, how_to_read = st.tabs([texts.WHY, texts.WHAT_IF, texts.ABOUT], key="answer.tabs")
            with why:
                show_why(answered.prediction)
            with what_if:
                show_what_if(answered, model)
            with how_to_read:
                show_how_to_read(model)
    show_history(model)


st.title(texts.PREDICT_TITLE, anchor=False)
st.caption(texts.PREDICT_INTRO)
model = ask("model", state.known_model().get, waiting=texts.LOADING)
if model is not None:
    show_question_and_answer(model)
