"""The prediction of one accident: value, severity word, rank among real accidents, range, contributions."""

from dataclasses import dataclass

import streamlit as st

from streamlit_client import address, state, texts
from streamlit_client.backend.contract import Accident, Model, Prediction
from streamlit_client.charts.severity_scale import band_places, place_of, range_whisker, severity_strip
from streamlit_client.charts.style import CONFIG
from streamlit_client.charts.waterfall import waterfall, waterfall_in_words
from streamlit_client.parts.asking import ask, start_over
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.elements import announce
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.wording import conditions_text, severity_text

_QUESTION = "predict"
_NARROWEST = 100
_ASKED, _ANSWERED = "predict.asked", "predict.answered"
BUTTON, _RESULT = "predict", "answer"
# The form reruns without the answer: this style changes the answer without redrawing it.
_OUTDATED_STYLE = f"""<style>
.st-key-{_RESULT} > * {{ opacity: 0.5; }}
.st-key-{_RESULT}::before {{ content: "{texts.OUTDATED_ANSWER}"; font-weight: 650; }}
</style>"""


@dataclass(frozen=True, slots=True)
class Answered:
    """An accident and its prediction."""

    accident: Accident
    prediction: Prediction


def request_prediction(accident: Accident) -> None:
    """Requests a prediction, which the next run of the page gets."""
    start_over(_QUESTION)
    state.remember(_ASKED, accident)


def is_asked() -> bool:
    """Whether this run of the page gets a new prediction."""
    return state.recall(_ASKED, Accident) is not None or bool(state.recall(BUTTON, bool))


def find_answered() -> Answered | None:
    """Returns the displayed prediction, or None."""
    return state.recall(_ANSWERED, Answered)


def keep_answer(answered: Answered | None) -> None:
    """Sets the displayed prediction, or None."""
    state.remember(_ANSWERED, answered)


def find_answer() -> Answered | None:
    """Returns the latest prediction; None if there is none, or after showing an error."""
    asked = state.recall(_ASKED, Accident)
    if asked is not None:
        prediction = ask(_QUESTION, lambda: state.gateway().predict(asked, explain=True), waiting=texts.PREDICTING)
        if prediction is None:
            return None
        state.forget(_ASKED)
        state.known_model().saw_version(prediction.model_version)
        keep_answer(Answered(asked, prediction))
        address.put(prediction=prediction.prediction_id, form=None)
    answered = find_answered()
    if answered is None:
        st.info(texts.INVITATION, icon=":material/lightbulb:")
    return answered


def mark_outdated(accident: Accident | None) -> None:
    """Marks the form and the answer if the answer is not for the current form."""
    answered = find_answered()
    if answered is None or answered.accident == accident or (accident is not None and is_asked()):
        return
    st.info(texts.OUTDATED, icon=":material/update:")
    st.html(_OUTDATED_STYLE)


def show_answer(answered: Answered, model: Model) -> None:
    """Draws the answer."""
    prediction = answered.prediction
    place = place_of(prediction, model)
    first, last = band_places(model)[prediction.interpretation]
    with st.container(border=True, key=_RESULT):
        st.caption(conditions_text(answered.accident))
        figures = st.grid(3, min_column_width=_NARROWEST, vertical_alignment="bottom")
        figures.metric(texts.ECLO_LABEL, f"{prediction.eclo:.2f}", help=texts.ECLO_HELP)
        figures.metric(texts.SEVERITY, severity_text(prediction.interpretation, model))
        figures.metric(texts.PLACE_LABEL, texts.PLACE.format(place=place))
        for warning in prediction.warnings:
            name = texts.FIELD_NAMES.get(warning.field, warning.field)
            st.info(texts.DETAIL.format(name=name, message=plain_text(warning.message)), icon=":material/info:")
        st.markdown(texts.PLACE_SENTENCE.format(place=place, word=prediction.interpretation, first=first, last=last))
        show_chart(
            severity_strip([prediction], model),
            config=CONFIG,
            key="answer.strip",
            has_values=False,
            alt=texts.STRIP_ALT.format(eclo=prediction.eclo, word=prediction.interpretation, place=place),
        )
        _show_range(prediction, model)
        st.markdown(texts.EXPECTED_SENTENCE.format(expected=prediction.expected))
        announce(texts.STRIP_ALT.format(eclo=prediction.eclo, word=prediction.interpretation, place=place))


def show_why(prediction: Prediction) -> None:
    """Draws the contributions, if the prediction has them."""
    if prediction.base_score is None or prediction.raw_score is None:
        return
    show_chart(
        waterfall(prediction, prediction.base_score, prediction.raw_score),
        config=CONFIG,
        key="answer.why",
        alt=waterfall_in_words(prediction, prediction.base_score),
        has_values=False,
    )
    st.caption(texts.WHY_HELP)


def show_how_to_read(model: Model) -> None:
    """Draws the meaning and the limits of a prediction."""
    st.markdown(texts.ABOUT_ECLO)
    st.markdown(texts.ABOUT_EXPECTED)
    bands = ", ".join(
        texts.ABOUT_BAND.format(word=severity_text(word, model), first=first, last=last)
        for word, (first, last) in band_places(model).items()
    )
    st.markdown(texts.ABOUT_BANDS.format(bands=bands))
    begin, _, end = model.trained_on.partition("/")
    better = model.find_metric("better_than_constant")
    if better is not None:
        st.markdown(texts.ABOUT_LIMITS.format(rows=model.training_rows, first=begin, last=end, better=better * 100))
    st.caption(texts.ABOUT_MODEL_VERSION.format(version=model.model_version))


def _show_range(prediction: Prediction, model: Model) -> None:
    low, high, coverage = prediction.range.low, prediction.range.high, prediction.range.coverage
    st.markdown(texts.RANGE.format(tenths=round(coverage * 10), low=low, high=high))
    show_chart(
        range_whisker(prediction, model),
        config=CONFIG,
        key="answer.range",
        has_values=False,
        alt=texts.RANGE_ALT.format(eclo=prediction.eclo, low=low, high=high),
    )
