"""Compares a prediction with that of an accident with one condition changed."""

from dataclasses import dataclass
from datetime import date

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Accident, Model, Prediction
from streamlit_client.charts.severity_scale import severity_strip
from streamlit_client.charts.style import CONFIG
from streamlit_client.parts.accident_time import time_period_of, weekday_of
from streamlit_client.parts.asking import ask, start_over
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.wording import day_text, severity_text
from streamlit_client.predict.accident_form import choose_day
from streamlit_client.predict.prediction_result import Answered

_LABELS = ("accident_type", "weather", "road_surface", "road_type", "district")
_HOUR, _DAY = "accident_hour", "day"
_NAMES = {**texts.FIELD_NAMES, _HOUR: texts.HOUR, _DAY: texts.DATE}
_QUESTION = "what_if"
_NARROWEST = 150
_ASKED, _ANSWERED = "what_if.asked", "what_if.answered"


@dataclass(frozen=True, slots=True)
class Change:
    """An accident with one condition changed, its old and new value, and the original prediction."""

    accident: Accident
    name: str
    before: str
    after: str
    prediction_id: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A change and the prediction for it."""

    change: Change
    prediction: Prediction


@st.fragment
def show_what_if(answered: Answered, model: Model) -> None:
    """Draws the choice of a change and, on request, the comparison."""
    halves = st.grid(2, min_column_width=_NARROWEST)
    with halves.cell():
        name = st.selectbox(
            texts.WHAT_IF_FIELD, (*_LABELS, _HOUR, _DAY), format_func=_NAMES.__getitem__, key="what_if.name"
        )
    with halves.cell():
        change = _choose_change(answered, name, model)
    is_pressed = st.button(texts.WHAT_IF_BUTTON, key="what_if.compare", help=texts.WHAT_IF_NOTE)
    if change is None:
        return
    if is_pressed:
        start_over(_QUESTION)
        state.remember(_ASKED, change)
    asked = state.recall(_ASKED, Change)
    if asked is not None and asked.prediction_id == answered.prediction.prediction_id:
        prediction = ask(
            _QUESTION, lambda: state.gateway().predict(asked.accident, explain=False), waiting=texts.PREDICTING
        )
        if prediction is None:
            return
        state.remember(_ANSWERED, Compared(asked, prediction))
        state.forget(_ASKED)
    compared = state.recall(_ANSWERED, Compared)
    if compared is not None and compared.change == change:  # not for an earlier choice
        _show_compared(answered.prediction, compared, model)


def _choose_change(answered: Answered, name: str, model: Model) -> Change | None:
    accident = answered.accident
    if name == _DAY:
        before, after = _days(accident, model)
        if after is None:
            return None
        changed: dict[str, object] = {
            "accident_year": after.year,
            "accident_month": after.month,
            "accident_day": after.day,
            "day_of_week": weekday_of(after),
        }
        words = (day_text(before), day_text(after))
    elif name == _HOUR:
        hours = model.feature(_HOUR)
        others = [h for h in range(hours.minimum or 0, (hours.maximum or 23) + 1) if h != accident.accident_hour]
        hour = st.selectbox(texts.WHAT_IF_VALUE, others, format_func=_hour_text, key="what_if.hour")
        changed = {"accident_hour": hour, "time_period": time_period_of(hour)}
        words = (_hour_text(accident.accident_hour), _hour_text(hour))
    else:
        current = str(getattr(accident, name))
        options = [value for value in model.feature(name).allowed_values if value != current]
        label = st.selectbox(texts.WHAT_IF_VALUE, options, key=f"what_if.{name}")
        changed = {name: label}
        words = (current, label)
    return Change(
        accident.model_copy(update=changed), _NAMES[name], *words, prediction_id=answered.prediction.prediction_id
    )


def _days(accident: Accident, model: Model) -> tuple[date, date | None]:
    years = model.feature("accident_year")
    first, last = date(years.minimum or 1, 1, 1), date(years.maximum or 9999, 12, 31)
    before = date(accident.accident_year, accident.accident_month, accident.accident_day)
    st.session_state.setdefault("what_if.day", before)
    return before, choose_day(texts.WHAT_IF_VALUE, first, last, key="what_if.day")


def _show_compared(prediction: Prediction, compared: Compared, model: Model) -> None:
    change, changed = compared.change, compared.prediction
    st.markdown(texts.WHAT_IF_SENTENCE.format(name=plain_text(change.name), before=change.before, after=change.after))
    figures = st.grid(2, min_column_width=_NARROWEST)
    figures.metric(
        texts.BEFORE,
        f"{prediction.eclo:.2f}",
        delta=severity_text(prediction.interpretation, model),
        delta_color="off",
        delta_arrow="off",
    )
    figures.metric(
        texts.AFTER,
        f"{changed.eclo:.2f}",
        delta=f"{changed.eclo - prediction.eclo:+.2f}",
        delta_color="inverse",
        delta_description=severity_text(changed.interpretation, model),
    )
    show_chart(
        severity_strip([prediction, changed], model),
        config=CONFIG,
        key="what_if.strip",
        has_values=False,
        alt=texts.WHAT_IF_ALT.format(before=prediction.eclo, after=changed.eclo),
    )


def _hour_text(hour: int) -> str:
    return texts.HOUR_VALUE.format(hour=hour)
