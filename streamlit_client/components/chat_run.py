"""A question under way: asked, watched while the answer comes, and stoppable."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import streamlit as st

from streamlit_client import state
from streamlit_client import texts_chat as words
from streamlit_client.browser_id import client_id
from streamlit_client.components.answer import show_answer, show_as_written
from streamlit_client.components.chat_settings import chosen_model, note_spending
from streamlit_client.contract_chat import ChatAnswer, ChatEvent, Message, ToolCall
from streamlit_client.gateway_client import GatewayError, GatewayRefused
from streamlit_client.known_tools import tool_title
from streamlit_client.shown_text import plain_text

_ASKED = "chat.asked"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is to be asked in this run of the page."""

    dataset_id: str
    message: str
    conversation_id: str | None = None
    expected_version: int = 0
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: with an answer, or with a Korean sentence, and whether the history has the question."""

    is_stored: bool
    answer: ChatAnswer | None = None
    sentence: str = ""
    request_id: str = ""
    may_retry: bool = True


def request_answer(asked: Asked) -> None:
    """Asks a question in the next run of the page."""
    state.remember(_ASKED, asked)


def find_asked() -> Asked | None:
    """Returns the question to ask now, once."""
    asked = state.recall(_ASKED, Asked)
    state.forget(_ASKED)
    return asked


def run(asked: Asked, key: str, when_stored: Callable[[str], None]) -> Outcome:
    """Asks and draws what happens until the answer is complete. When the person stops it, the connection is closed.

    `when_stored` is told the id of the conversation as soon as the question is in its history.
    """
    with st.chat_message("user"):
        show_as_written(asked.message)
    with st.chat_message("assistant"):
        # Nothing looks at it: a click on anything begins another run of the page, and that ends this one.
        st.button(words.STOP, key="chat.stop", icon=":material/stop_circle:")
        return _watch(asked, key, when_stored)


def _watch(asked: Asked, key: str, when_stored: Callable[[str], None]) -> Outcome:
    screen = _Screen()
    is_stored = False
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
    try:
        with closing(events):  # a person who stops ends this run of the page, and with it the connection
            for event in events:
                if event.name == "start":
                    is_stored = True
                    when_stored(event.fields["conversation_id"])
                elif event.name == "done":
                    answer = ChatAnswer.model_validate(event.fields)
                    note_spending(answer)
                    return Outcome(is_stored, answer)
                elif event.name == "error":
                    if event.fields.get("answer"):  # what was said until then was paid for
                        note_spending(Message.model_validate(event.fields["answer"]))
                    said, request_id = (str(event.fields.get(name) or "") for name in ("error", "request_id"))
                    return Outcome(is_stored, sentence=said, request_id=request_id)
                screen.show(event)
    except GatewayError as error:
        holds_key = isinstance(error, GatewayRefused) and error.code == "KEY_IN_TEXT"
        return Outcome(is_stored, sentence=error.sentence, request_id=error.request_id or "", may_retry=not holds_key)
    return Outcome(is_stored, sentence=words.STOPPED)


class _Screen:
    """What a person sees while the answer comes."""

    def __init__(self) -> None:
        self._status = st.status(words.THINKING, expanded=True)  # as a context it would say that it is complete
        self._thinking = self._status.empty()
        self._answer = st.empty()
        self._clock = st.empty()
        self._thought, self._said = "", ""
        self._said_before_retry: str | None = None
        self._started = time.monotonic()

    def show(self, event: ChatEvent) -> None:
        """Draws one event. Every event draws something, because drawing is when Streamlit notices a stop."""
        match event.name:
            case "thinking":
                self._thought += event.fields["text"]
                self._thinking.caption(plain_text(self._thought[-600:]))
            case "delta":
                self._said = self._end_retry() + event.fields["text"]
                show_answer(self._said, place=self._answer, is_growing=True)
            case "retry":
                self._thought, self._said_before_retry = "", event.fields["text"]
                self._status.update(label=plain_text(event.fields["message"]))
                self._status.caption(f":material/refresh: {plain_text(event.fields['message'])}")
            case "tool_start":
                self._status.update(label=words.RUNNING_TOOL.format(label=tool_title(event.fields["name"])))
                if event.fields.get("args"):
                    self._status.code(json.dumps(event.fields["args"], ensure_ascii=False), language="json")
            case "tool_end":
                call = ToolCall.model_validate(event.fields)
                line = words.TOOL_FAILED if call.error else words.TOOL_DONE
                label = plain_text(tool_title(call.name))
                self._status.markdown(f":material/build: {line.format(label=label, milliseconds=call.duration_ms)}")
                self._status.update(label=words.THINKING)
        self._clock.caption(words.ANSWERING.format(seconds=time.monotonic() - self._started))

    def _end_retry(self) -> str:
        """Returns the answer that the next words go on from: after a broken reply, without what it said."""
        if self._said_before_retry is None:
            return self._said
        self._status.update(label=words.THINKING)
        said, self._said_before_retry = self._said_before_retry, None
        return said
