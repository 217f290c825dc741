"""A question under way: asked, watched while the answer comes, and stoppable."""

import time
from contextlib import closing
from dataclasses import dataclass

import streamlit as st

from streamlit_client import state
from streamlit_client import texts_chat as words
from streamlit_client.browser_id import client_id
from streamlit_client.components.chat_messages import tool_label
from streamlit_client.components.chat_settings import chosen_model, note_spending
from streamlit_client.components.tool_result import answer_markdown
from streamlit_client.contract_chat import ChatAnswer, ChatEvent, ToolCall
from streamlit_client.gateway_client import GatewayError

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
    """How a run ended: with an answer, or with a Korean sentence; the conversation it belongs to, once it has one."""

    conversation_id: str | None
    answer: ChatAnswer | None = None
    sentence: str = ""


def request_answer(asked: Asked) -> None:
    """Asks a question in the next run of the page."""
    state.remember(_ASKED, asked)


def find_asked() -> Asked | None:
    """Returns the question to ask now, once."""
    asked = state.recall(_ASKED, Asked)
    state.forget(_ASKED)
    return asked


def run(asked: Asked, key: str) -> Outcome:
    """Asks and draws what happens until the answer is complete. When the person stops it, the connection is closed."""
    with st.chat_message("user"):
        st.markdown(answer_markdown(asked.message))
    with st.chat_message("assistant"):
        return _watch(asked, key)


def _watch(asked: Asked, key: str) -> Outcome:
    screen = _Screen()
    conversation_id = asked.conversation_id
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
                    conversation_id = event.fields["conversation_id"]
                elif event.name == "done":
                    answer = ChatAnswer.model_validate(event.fields)
                    note_spending(answer)
                    return Outcome(answer.conversation_id, answer)
                elif event.name == "error":
                    return Outcome(conversation_id, sentence=str(event.fields.get("error", "")))
                screen.show(event)
    except GatewayError as error:
        return Outcome(conversation_id, sentence=error.sentence)
    return Outcome(conversation_id, sentence=words.STOPPED)


class _Screen:
    """What a person sees while the answer comes."""

    def __init__(self) -> None:
        self._status = st.status(words.THINKING, expanded=True)
        self._thinking = self._status.empty()
        self._answer = st.empty()
        self._clock = st.empty()
        self._thought, self._said = "", ""
        self._started = time.monotonic()

    def show(self, event: ChatEvent) -> None:
        """Draws one event. Every event draws something, because drawing is when Streamlit notices a stop."""
        match event.name:
            case "thinking":
                self._thought += event.fields["text"]
                self._thinking.caption(answer_markdown(self._thought[-600:]))
            case "delta":
                self._said += event.fields["text"]
                self._answer.markdown(answer_markdown(self._said) + " ▌")
            case "tool_start":
                label = words.RUNNING_TOOL.format(label=tool_label(event.fields["name"]))
                self._status.update(label=label)
            case "tool_end":
                call = ToolCall.model_validate(event.fields)
                line = words.TOOL_FAILED if call.error else words.TOOL_DONE
                with self._status:
                    st.markdown(
                        f":material/build: {line.format(label=tool_label(call.name), milliseconds=call.duration_ms)}"
                    )
                self._status.update(label=words.THINKING)
        self._clock.caption(f"{words.ANSWERING.format(seconds=time.monotonic() - self._started)} {words.STOP_HINT}")
