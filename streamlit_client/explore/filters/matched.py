"""How many rows the question of the page leaves, and the values of a column among them; kept for all sessions."""

import streamlit as st

from servicekit.question import Question
from streamlit_client import state, texts
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.backend.contract_questions import Facet
from streamlit_client.explore.filters.page_question import question_text, rows_of
from streamlit_client.parts.asking import ask

MOST_VALUES = 300
_KEPT_COUNTS, _KEPT_FACETS = 1_000, 100


def count_matched(profile: Profile, question: Question) -> int | None:
    """Returns the number of rows that a question is about; None after showing why it cannot be put to the dataset."""
    asked = rows_of(question)
    text = question_text(asked)
    if text is None:
        return profile.rows
    return ask(
        f"filters.{profile.dataset_id}.{text}",
        lambda: _count(profile.dataset_id, profile.content_hash, text),
        waiting=texts.LOADING,
    )


def find_facet(profile: Profile, question: Question, column: str) -> Facet | None:
    """Returns the values of a column under the conditions on others; None after showing why there are none."""
    asked = rows_of(question).model_copy(update={"columns": (column,), "limit": MOST_VALUES})
    text = question_text(asked) or ""
    return ask(
        f"filters.facet.{profile.dataset_id}.{text}",
        lambda: _facet(profile.dataset_id, profile.content_hash, text),
        waiting=texts.LOADING,
    )


# The content hash is part of the keys: a reread dataset has other values.
@st.cache_data(max_entries=_KEPT_COUNTS, show_spinner=False)
def _count(dataset_id: str, content_hash: str, text: str) -> int:  # noqa: ARG001
    return state.datasets().count_rows(dataset_id, Question.model_validate_json(text))


@st.cache_data(max_entries=_KEPT_FACETS, show_spinner=False)
def _facet(dataset_id: str, content_hash: str, text: str) -> Facet:  # noqa: ARG001
    (facet,) = state.datasets().count_facets(dataset_id, Question.model_validate_json(text)).facets
    return facet
