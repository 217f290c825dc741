"""Draws an answer while it is generated, and stops it on request.

The turn belongs to the service; the page only listens. Any click reruns the page, which ends the listening but not the
turn. Only the callback of the stop button stops the turn.
"""

import json
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass

import streamlit as st

from streamlit_client import state, texts_chat
from streamlit_client.backend.contract_chat import ChatAnswer, ChatEvent, Message, ToolCall
from streamlit_client.backend.gateway_client import GatewayError, GatewayRefused
from streamlit_client.chat.settings import chosen_model, note_spending
from streamlit_client.parts.elements import show_answer
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.server.browser_id import client_id
from streamlit_client.tools.known_tools import tool_title

_ASKED, _UNSTOPPED = "chat.asked", "chat.unstopped"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to ask in this run of the page."""

    dataset_id: str
    message: str
    conversation_id: str | None = None
    expected_version: int = 0
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How listening ended: with the answer, with a Korean sentence, or with neither if the turn was stopped.

    `question_id` is the stored question, which the history shows; None if nothing was stored.
    """

    question_id: str | None
    answer: ChatAnswer | None = None
    sentence: str = ""
    request_id: str = ""
    may_retry: bool = True


def request_answer(asked: Asked) -> None:
    """Asks a question in the next run of the page."""
    state.remember(_ASKED, asked)


def find_asked() -> Asked | None:
    """Returns the question to ask, if any."""
    return state.recall(_ASKED, Asked)


def run(asked: Asked, key: str, when_stored: Callable[[str], None]) -> Outcome:
    """Asks a question and draws its events until the answer is complete.

    `when_stored` is called with the id of the conversation as soon as the question is in its history.
    """
    with st.chat_message("user"):
        st.text(asked.message)
    with st.chat_message("assistant"):
        screen = _Screen(texts_chat.ANSWERING)
        # Until it is stored nothing is drawn: no click can interrupt, and the question is asked only once.
        state.forget(_ASKED)
        events = state.chat().ask(
            key=key,
            client_id=client_id(),
            dataset_id=asked.dataset_id,
            message=asked.message,
            conversation_id=asked.conversation_id,
            expected_version=asked.expected_version,
            model=chosen_model(),
            retry_of=asked.retry_of,
        )
        return _listen(events, screen, when_stored)


def follow(question_id: str) -> Outcome:
    """Draws the events of a question so far, then new ones until the answer is complete."""
    with st.chat_message("assistant"):
        return _listen(
            state.chat().watch(question_id), _Screen(texts_chat.STILL_ANSWERING), lambda _conversation_id: None
        )


def show_unstopped() -> None:
    """Shows once why a turn could not be stopped."""
    sentence = state.take(_UNSTOPPED, str)
    if sentence is not None:
        st.error(plain_text(sentence), icon=":material/error:")


def _stop(question_id: str) -> None:
    try:
        state.chat().stop(question_id)
    except GatewayError as error:
        state.remember(_UNSTOPPED, error.sentence)


def _listen(events: Generator[ChatEvent], screen: "_Screen", when_stored: Callable[[str], None]) -> Outcome:
    question_id: str | None = None
    try:
        with closing(events):  # any click ends this run of the page, which closes the connection
            for event in events:
                if event.name == "start":
                    question_id = event.fields["question_id"]
                    when_stored(event.fields["conversation_id"])
                    screen.offer_stop(event.fields["question_id"])
                elif event.name == "done":
                    answer = ChatAnswer.model_validate(event.fields)
                    note_spending(answer)
                    return Outcome(question_id, answer)
                elif event.name == "stopped":
                    return Outcome(question_id)
                elif event.name == "error":
                    if event.fields.get("answer"):  # a partial answer was billed
                        note_spending(Message.model_validate(event.fields["answer"]))
                    sentence, request_id = (str(event.fields.get(name) or "") for name in ("error", "request_id"))
                    return Outcome(question_id, sentence=sentence, request_id=request_id)
                screen.show(event)
    except GatewayError as error:
        holds_key = isinstance(error, GatewayRefused) and error.code == "KEY_IN_TEXT"
        return Outcome(question_id, sentence=error.sentence, request_id=error.request_id or "", may_retry=not holds_key)
    return Outcome(question_id, sentence=texts_chat.LISTENING_LOST)


class _Screen:
    """The view of an answer in progress; `clock` is a sentence that may show the seconds since the question."""

    def __init__(self, clock: str) -> None:
        self._line = clock
        self._status = st.status(texts_chat.THINKING, expanded=True)  # as a context manager it would end as complete
        self._thinking = self._status.empty()
        self._answer = st.empty()
        self._clock = st.empty()
        self._stop = st.empty()  # at the bottom, where the page scrolls to while the answer grows
        self._thoughts, self._text = "", ""
        self._is_drawn = False
        self._text_before_retry: str | None = None
        self._started = time.monotonic()

    def offer_stop(self, question_id: str) -> None:
        """Draws the button that stops the turn."""
        self._stop.button(
            texts_chat.STOP,
            key=f"chat.stop.{question_id}",
            icon=":material/stop_circle:",
            on_click=_stop,
            args=(question_id,),
        )

    def show(self, event: ChatEvent) -> None:
        """Draws one event. Every event draws something, because Streamlit notices clicks only when drawing."""
        match event.name:
            case "beat":
                self._is_drawn = True
            case "thinking":
                self._thoughts += event.fields["text"]
                self._thinking.caption(plain_text(self._thoughts[-600:]))
            case "delta":
                self._text = self._end_retry() + event.fields["text"]
                show_answer(self._text, place=self._answer, is_growing=True)
            case "retry":
                self._thoughts, self._text_before_retry = "", event.fields["text"]
                self._head(plain_text(event.fields["message"]))
                self._status.caption(f":material/refresh: {plain_text(event.fields['message'])}")
            case "tool_start":
                self._head(texts_chat.RUNNING_TOOL.format(label=plain_text(tool_title(event.fields["name"]))))
                if event.fields.get("args"):
                    self._status.code(json.dumps(event.fields["args"], ensure_ascii=False), language="json")
            case "tool_end":
                call = ToolCall.model_validate(event.fields)
                line = texts_chat.TOOL_FAILED if call.error else texts_chat.TOOL_DONE
                label = plain_text(tool_title(call.name))
                self._status.markdown(f":material/build: {line.format(label=label, milliseconds=call.duration_ms)}")
                self._head(texts_chat.THINKING)
        self._clock.caption(self._line.format(seconds=time.monotonic() - self._started))

    def _head(self, label: str) -> None:
        # Of updates that arrive together, such as replayed events, the browser applies only the last, so each sets
        # `expanded`. After a pause the user's choice is kept.
        self._status.update(label=label, expanded=None if self._is_drawn else True)

    def _end_retry(self) -> str:
        """Returns the text that the next delta continues from: after a failed reply, without its text."""
        if self._text_before_retry is None:
            return self._text
        self._head(texts_chat.THINKING)
        text, self._text_before_retry = self._text_before_retry, None
        return text
