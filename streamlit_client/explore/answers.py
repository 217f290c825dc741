"""Answers to questions about a dataset, kept for all sessions: measures by group, and rows."""

import pandas as pd
import streamlit as st

from servicekit.question import Question
from streamlit_client import state, texts, texts_explore
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.backend.contract_questions import Aggregate
from streamlit_client.explore.filters.page_question import question_text, rows_of
from streamlit_client.parts.asking import ask

_KEPT_AGGREGATES, _KEPT_ROWS = 500, 24


def ask_aggregate(profile: Profile, question: Question, **parts: object) -> Aggregate | None:
    """Returns measures by group of the rows that a question is about; None after showing why there are none.

    `parts` are those of the question that say what is worked out, such as `groups`.
    """
    text = question_text(rows_of(question).model_copy(update=parts)) or "{}"
    return ask(
        f"aggregate.{profile.dataset_id}.{text}",
        lambda: _aggregate(profile.dataset_id, profile.content_hash, text),
        waiting=texts.LOADING,
    )


def ask_rows(profile: Profile, question: Question, **parts: object) -> pd.DataFrame | None:
    """Returns rows that a question is about; None after showing why there are none.

    Text is categories, dates are datetime64. Do not modify it: other sessions share it.
    """
    text = question_text(rows_of(question).model_copy(update=parts)) or "{}"
    return ask(
        f"rows.{profile.dataset_id}.{text}",
        lambda: _rows(profile.dataset_id, profile.content_hash, text),
        waiting=texts.LOADING,
    )


# The content hash is part of the keys: a reread dataset has other values.
@st.cache_resource(max_entries=_KEPT_AGGREGATES, show_spinner=False)
def _aggregate(dataset_id: str, content_hash: str, text: str) -> Aggregate:  # noqa: ARG001
    return state.datasets().aggregate(dataset_id, Question.model_validate_json(text))


@st.cache_resource(max_entries=_KEPT_ROWS, show_spinner=False)
def _rows(dataset_id: str, content_hash: str, text: str) -> pd.DataFrame:  # noqa: ARG001
    frame: pd.DataFrame = state.datasets().query_rows(dataset_id, Question.model_validate_json(text)).to_pandas()
    return frame


def show_basis(answer: Aggregate) -> None:
    """Draws the number of rows that measures are based on."""
    sentence = texts_explore.RESTS_ON_MISSING if answer.rows_missing else texts_explore.RESTS_ON
    st.caption(sentence.format(used=answer.rows_used, missing=answer.rows_missing))
