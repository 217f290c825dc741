"""Keeps the prediction and the form in the address, for reloads, links, back and forward."""

from datetime import date

import streamlit as st

from streamlit_client import address, state, texts
from streamlit_client.backend.contract import Accident
from streamlit_client.parts.asking import ask
from streamlit_client.predict.accident_form import accident_of, fill_form
from streamlit_client.predict.prediction_result import Answered, find_answered, is_asked, keep_answer

_QUESTION = "prediction"
_LOOKED, _WANTED, _UNTOUCHED = "prediction.looked", "prediction.wanted", "form.untouched"
_SPLIT, _HOURS = "|", range(24)
_LABELS = ("district", "road_type", "accident_type", "weather", "road_surface")


def open_named() -> None:
    """Opens what the address names, at first and after a step back. Call it before the form is drawn."""
    if address.came_back() or _LOOKED not in st.session_state:
        state.remember(_LOOKED, True)
        state.remember(_WANTED, (address.find(address.PREDICTION), address.find(address.FORM)))
    if is_asked():  # a new prediction replaces it
        state.forget(_WANTED)
    wanted = state.recall(_WANTED, tuple)
    if wanted is None:
        return
    prediction_id, form = wanted
    if prediction_id is None:
        keep_answer(None)
    else:
        answered = _find(prediction_id)
        if answered is None:
            return
        keep_answer(answered)
        fill_form(answered.accident)
    state.forget(_WANTED)
    written = None if form is None else read_form(form)
    if written is not None:
        fill_form(written)


def keep_form(accident: Accident | None) -> None:
    """Puts a form that is not predicted yet into the address."""
    if accident is None or state.recall(_WANTED, tuple) is not None:
        return
    if _UNTOUCHED not in st.session_state:
        state.remember(_UNTOUCHED, None if address.find(address.FORM) else accident)
    answered = find_answered()
    known = state.recall(_UNTOUCHED, Accident) if answered is None else answered.accident
    address.put(form=None if accident == known else write_form(accident))


def write_form(accident: Accident) -> str:
    """Encodes an accident for the address."""
    day = date(accident.accident_year, accident.accident_month, accident.accident_day)
    return _SPLIT.join([f"{day}", f"{accident.accident_hour}", *(getattr(accident, name) for name in _LABELS)])


def read_form(text: str) -> Accident | None:
    """Decodes an accident in the address; None if it is invalid."""
    try:
        day, hour, *labels = text.split(_SPLIT)
        if int(hour) not in _HOURS:
            return None
        return accident_of(date.fromisoformat(day), int(hour), **dict(zip(_LABELS, labels, strict=True)))
    except (ValueError, TypeError):
        return None


def _find(prediction_id: str) -> Answered | None:
    answered = find_answered()
    if answered is not None and answered.prediction.prediction_id == prediction_id:
        return answered
    prediction = ask(_QUESTION, lambda: state.gateway().get_prediction(prediction_id), waiting=texts.LOADING)
    return None if prediction is None else Answered(prediction.accident, prediction)
