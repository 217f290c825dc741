"""Suggested starter and follow-up questions, based on the dataset and the conversation."""

from collections.abc import Sequence

import streamlit as st

from servicekit.korean_text.particles import choose_particles
from streamlit_client import texts_chat
from streamlit_client.backend.contract_chat import Message
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.parts.column_roles import suitable_columns
from streamlit_client.parts.shown_text import plain_text

_MOST_STARTERS, _MOST_FOLLOW_UPS = 6, 3
_LEAST_MISSING = 0.01
_MOST_QUOTED = 200


def starter_questions(profile: Profile) -> list[str]:
    """Returns questions that this dataset can answer."""
    questions: list[str] = []
    is_accidents = any(texts_chat.ACCIDENT in name for name in profile.names())
    if profile.date_columns:
        questions.append(texts_chat.ASK_BUSIEST_ACCIDENT if is_accidents else texts_chat.ASK_BUSIEST)
    labels, numbers = suitable_columns("label", profile), suitable_columns("number", profile)
    if labels:
        questions.append(texts_chat.ASK_COUNTS.format(column=labels[0]))
    if labels and numbers:
        questions.append(choose_particles(texts_chat.ASK_GROUP.format(label=labels[-1], number=numbers[-1])))
    elif numbers:
        questions.append(texts_chat.ASK_MEAN.format(column=numbers[0]))
    if profile.coordinates is not None:
        questions.append(texts_chat.ASK_PLACES)
    if profile.missing_cells > _LEAST_MISSING * profile.rows * profile.columns:
        questions.append(texts_chat.ASK_MISSING)
    if len(profile.prediction_columns) > 2:
        questions.append(texts_chat.ASK_PREDICTION)
    return [texts_chat.ASK_OVERVIEW, *questions][:_MOST_STARTERS] if questions else [texts_chat.ASK_OVERVIEW]


def follow_ups(message: Message) -> list[str]:
    """Returns follow-up questions to an answer."""
    suggested = [
        question
        for call in message.tool_calls
        if call.error is None
        for question in texts_chat.FOLLOW_UP_BY_TOOL.get(call.name, ())
    ]
    return list(dict.fromkeys([*suggested, texts_chat.FOLLOW_UP_ALWAYS]))[:_MOST_FOLLOW_UPS]


def with_subject(follow_up: str, question: str) -> str:
    """Returns a follow-up question that names its subject.

    Within a conversation the same text is answered from the cache, whatever was asked in between.
    """
    return texts_chat.FOLLOW_UP_OF.format(follow_up=follow_up, question=question[:_MOST_QUOTED])


def show_questions(heading: str, questions: Sequence[str], *, key: str) -> str | None:
    """Draws questions as buttons and returns the one that was clicked."""
    st.caption(heading)
    with st.container(horizontal=True):
        for number, question in enumerate(questions):
            if st.button(plain_text(question), key=f"{key}.{number}"):
                return question
    return None
