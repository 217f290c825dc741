"""The chat about one dataset: history, starter questions, input, the streamed answer."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_client import address, state, texts, texts_chat
from streamlit_client.backend.contract_chat import ConversationMessages
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.chat.conversation_list import open_conversation, show_conversations, show_management
from streamlit_client.chat.messages import show_message
from streamlit_client.chat.other_conversations import read_conversation
from streamlit_client.chat.questions import follow_ups, show_questions, starter_questions, with_subject
from streamlit_client.chat.run import Asked, Outcome, find_asked, follow, request_answer, run, show_unstopped
from streamlit_client.parts.api_key import find_key
from streamlit_client.parts.asking import MOST_FAILURES, ask
from streamlit_client.parts.elements import announce
from streamlit_client.parts.shared_link import is_visitor
from streamlit_client.parts.shown_text import plain_text

_NOTICE, _FAILURE, _FAILURES = "chat.notice", "chat.failure", "chat.failures"
_LOST, _LOOKED = "chat.lost", "chat.looked"
_LOOK_SECONDS = 2.0
_FIRST_SHOWN, _MORE_SHOWN, _MOST_SHOWN = 10, 30, 100

Listen = Callable[[], None]


def show_chat(profile: Profile) -> Listen:
    """Draws the chat about a dataset. Returns a function that draws the answer in progress until it ends.

    Call it last: until it ends, or a click interrupts it, nothing else on the page is drawn.
    """
    conversation_id = show_conversations(profile.dataset_id)
    conversation = None
    if conversation_id is not None:
        conversation = ask(
            f"conversation.{conversation_id}",
            lambda: state.chat().read_conversation(conversation_id, questions=_shown(conversation_id)),
            waiting=texts.LOADING,
        )
        if conversation is None:
            return _nothing
        if conversation.dataset_id != profile.dataset_id:  # an address edited by hand
            address.put(conversation=None)
            st.rerun()
    key = find_key()
    if key is None:
        elsewhere = "" if is_visitor() else texts_chat.TOOLS_WITHOUT_KEY  # visitors have no other page
        st.info(texts_chat.KEY_NEEDED + elsewhere, icon=":material/key:")
    asked = find_asked() if key is not None else None  # it waits until there is a key
    pending = _show_history(profile, conversation, asked)
    under_way = st.container()
    show_unstopped()
    _show_notices(profile.dataset_id)
    _show_input(profile, conversation, can_ask=key is not None and asked is None and not pending)
    if conversation is not None:
        state.remember(_seen_key(conversation.conversation_id), conversation.version)
    if asked is not None and key is not None:
        return partial(_run, asked, key, under_way)
    if pending:
        return partial(_follow, *pending[0])
    return _nothing


def _nothing() -> None:
    """Does nothing: no answer is in progress."""


def _show_history(
    profile: Profile, conversation: ConversationMessages | None, asked: Asked | None
) -> list[tuple[str, DeltaGenerator]]:
    """Draws the history. Returns the pending questions, each with the place for its answer."""
    if conversation is None:
        place = st.empty()  # emptied as soon as a question is asked
        if asked is None:
            with place.container():
                starter = show_questions(texts_chat.STARTERS, starter_questions(profile), key="chat.starter")
            if starter is not None:
                _ask(profile, None, starter)
        return []
    show_management(conversation)
    _offer_earlier(conversation)
    pending = []
    last = conversation.messages[-1] if conversation.messages else None
    question = None
    for message in conversation.messages:
        question = message if message.role == "user" else question
        if asked is not None and question is not None and asked.retry_of == question.message_id:
            continue  # drawn below, with the new answer
        wish = show_message(message, profile.dataset_id, is_last=message is last)
        if wish == "go_on":
            _ask(profile, conversation, texts_chat.GO_ON_QUESTION)
        elif wish == "ask_again" and question is not None:
            _ask(profile, conversation, question.content, retry_of=question.message_id)
        if message.status == "pending":
            pending.append((message.message_id, st.container()))
    for _, place in pending[1:]:
        place.caption(f":material/hourglass_top: {texts_chat.STILL_ANSWERING}")
    place = st.empty()
    if asked is None and last is not None and last.role == "assistant" and last.status == "complete":
        announce(last.content)
        with place.container():
            follow_up = show_questions(texts_chat.FOLLOW_UPS, follow_ups(last), key=f"chat.follow.{last.message_id}")
        if follow_up is not None:
            _ask(profile, conversation, with_subject(follow_up, _last_question(conversation)))
    return pending


def _shown(conversation_id: str) -> int:
    """Returns how many of its latest questions are drawn."""
    return state.recall(f"chat.shown.{conversation_id}", int) or _FIRST_SHOWN


def _offer_earlier(conversation: ConversationMessages) -> None:
    """Draws a button to earlier questions: here at first, then in pages, so that the page does not grow on and on."""
    if conversation.next is None:
        return
    conversation_id = conversation.conversation_id
    more = min(_shown(conversation_id) + _MORE_SHOWN, _MOST_SHOWN)
    is_full = more == _shown(conversation_id)
    st.button(
        texts_chat.EARLIER_PAGES if is_full else texts_chat.EARLIER,
        key=f"chat.earlier.{conversation_id}",
        icon=":material/menu_book:" if is_full else ":material/expand_less:",
        type="tertiary",
        on_click=read_conversation if is_full else partial(state.remember, f"chat.shown.{conversation_id}"),
        args=(conversation_id,) if is_full else (more,),
    )


def _last_question(conversation: ConversationMessages) -> str:
    return next((message.content for message in reversed(conversation.messages) if message.role == "user"), "")


def _show_input(profile: Profile, conversation: ConversationMessages | None, *, can_ask: bool) -> None:
    written = st.chat_input(texts_chat.INPUT, key="chat.input", max_chars=8000, disabled=not can_ask)
    if written and str(written).strip():
        _ask(profile, conversation, str(written))


def _ask(
    profile: Profile, conversation: ConversationMessages | None, question: str, *, retry_of: str | None = None
) -> None:
    request_answer(
        Asked(
            profile.dataset_id,
            question,
            conversation_id=None if conversation is None else conversation.conversation_id,
            expected_version=0 if conversation is None else _seen_version(conversation),
            retry_of=retry_of,
        )
    )
    st.rerun()


def _seen_version(conversation: ConversationMessages) -> int:
    """Returns the version that was displayed when the user asked: this run may have fetched a newer one."""
    return state.recall(_seen_key(conversation.conversation_id), int) or conversation.version


def _seen_key(conversation_id: str) -> str:
    return f"chat.seen.{conversation_id}"


def _run(asked: Asked, key: str, place: DeltaGenerator) -> None:
    state.forget(_FAILURE, _LOST)
    with place:
        outcome = run(asked, key, when_stored=open_conversation)
    if outcome.question_id is None:  # not stored, so not in the history
        state.remember(_FAILURE, (asked, outcome))
        state.remember(_FAILURES, (state.recall(_FAILURES, int) or 0) + 1)
    _settle(outcome)


def _follow(question_id: str, place: DeltaGenerator) -> None:
    with place:
        if state.recall(_LOST, str) == question_id:
            _look_again()
            return
        outcome = follow(question_id)
    if outcome.sentence:  # perhaps only the connection failed: wait before retrying
        state.remember(_LOST, question_id)
    _settle(outcome)


def _settle(outcome: Outcome) -> None:
    if outcome.answer is not None:
        state.forget(_FAILURES)
        if outcome.answer.conflict:
            state.remember(_NOTICE, outcome.answer.conflict)
    st.rerun()


@st.fragment(run_every=_LOOK_SECONDS)
def _look_again() -> None:
    """Draws that the connection to an answer was lost; reconnects after a while."""
    st.caption(f":material/hourglass_top: {texts_chat.LISTENING_LOST}")
    if state.recall(_LOOKED, bool):
        state.forget(_LOOKED, _LOST)
        st.rerun()
    state.remember(_LOOKED, True)


def _show_notices(dataset_id: str) -> None:
    notice = state.take(_NOTICE, str)
    if notice is not None:
        st.warning(plain_text(notice), icon=":material/sync_problem:")
    failure = state.recall(_FAILURE, tuple)
    if failure is not None and failure[0].dataset_id == dataset_id:
        asked, outcome = failure
        st.error(plain_text(outcome.sentence), icon=":material/error:")
        if outcome.request_id:
            st.caption(texts.REQUEST_ID.format(request_id=outcome.request_id))
        if (state.recall(_FAILURES, int) or 0) >= MOST_FAILURES:
            st.warning(texts.ASK_ADMINISTRATOR, icon=":material/support_agent:")
        if outcome.may_retry and st.button(texts_chat.RETRY, key="chat.retry", icon=":material/refresh:"):
            state.forget(_FAILURE)
            request_answer(asked)
            st.rerun()
