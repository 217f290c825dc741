"""The bar above the charts: search words, conditions to add, and what is asked, each part with a cross."""

import streamlit as st

from servicekit.question import Question
from streamlit_client import state, texts_explore
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.explore.filters.condition_form import show_condition_form
from streamlit_client.explore.filters.matched import count_matched
from streamlit_client.explore.filters.page_question import (
    change_question,
    clear_question,
    current_question,
    is_readable,
    remove_condition,
    remove_definition,
    rows_of,
    take_too_long,
)
from streamlit_client.explore.filters.words import condition_words, definition_words
from streamlit_client.parts.elements import announce
from streamlit_client.parts.shown_text import plain_text

_SEARCH = "filters.search"
_SMALLEST = 0.05


def show_filters(profile: Profile) -> Question | None:
    """Draws the bar, and returns the question that everything below follows.

    None if nothing can be drawn below: the question does not fit the dataset, or no row fits the question.
    """
    if not is_readable():
        st.error(texts_explore.QUESTION_UNREADABLE, icon=":material/filter_alt_off:")
        _show_clear()
        return None
    question = current_question()
    state.remember(_SEARCH, question.search)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            texts_explore.SEARCH,
            key=_SEARCH,
            placeholder=texts_explore.SEARCH_PLACEHOLDER,
            icon=":material/search:",
            on_change=_search,
            width=320,
        )
        if st.button(texts_explore.ADD_CONDITION, key="filters.add", icon=":material/filter_alt:"):
            show_condition_form(profile)
    if take_too_long():
        st.error(texts_explore.QUESTION_TOO_LONG, icon=":material/error:")
    if rows_of(question) == Question():
        return question
    _show_chips(question)
    matched = count_matched(profile, question)
    if matched is None:
        return None
    share = _share_text(100 * matched / max(1, profile.rows))
    st.markdown(texts_explore.ROWS_MATCHED.format(rows=profile.rows, matched=matched, share=share))
    announce(texts_explore.ROWS_MATCHED_NEWS.format(rows=profile.rows, matched=matched))
    if matched == 0:
        st.info(texts_explore.NO_ROWS_MATCHED, icon=":material/filter_alt_off:")
        return None
    return question


def _share_text(share: float) -> str:
    return texts_explore.SMALLEST_SHARE if 0 < share < _SMALLEST else texts_explore.SHARE_OF_ROWS.format(share=share)


def _search() -> None:
    change_question(search=" ".join(st.session_state[_SEARCH].split()))


def _show_chips(question: Question) -> None:
    chips = [(definition_words(definition), remove_definition, definition.name) for definition in question.define] + [
        (condition_words(condition), remove_condition, place) for place, condition in enumerate(question.where)
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for number, (words, remove, what) in enumerate(chips):
            st.button(
                plain_text(words),
                key=f"filters.chip.{number}",
                icon=":material/close:",
                icon_position="right",
                help=texts_explore.REMOVE_CONDITION,
                on_click=remove,
                args=(what,),
            )
        _show_clear()


def _show_clear() -> None:
    st.button(texts_explore.CLEAR_CONDITIONS, key="filters.clear", type="tertiary", on_click=clear_question)
