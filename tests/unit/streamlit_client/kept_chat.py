"""Conversations in memory in the place of the gateway's; a test says what is heard of an answer under way."""

from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

import streamlit as st

from streamlit_client.backend.contract_chat import ChatEvent, ConversationMessages, ConversationPage, Message
from streamlit_client.backend.gateway_client import GatewayRefused, GatewayUnreachable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANSWER = "18시에 가장 많습니다."
Status = Literal["complete", "stopped", "failed", "pending"]


class KeptChat:
    """Answers like `ChatCalls`.

    `hears` is how an answer is heard: whole; "cut" by a click that ends the run of the page in the middle; or "lost"
    with the connection.
    """

    def __init__(self) -> None:
        self.kept: dict[str, ConversationMessages] = {}
        self.hears: Literal["whole", "cut", "lost"] = "whole"
        self.watched: list[str] = []
        self.stopped: list[str] = []
        self.asked: list[str] = []
        self.listening = 0
        self.cannot_stop = False

    def begin(self, dataset_id: str, question: str = "질문", conversation_id: str | None = None) -> tuple[str, str]:
        """Stores a question that is being answered; returns the ids of its conversation and its own."""
        conversation_id = conversation_id or str(uuid4())
        before = self.kept[conversation_id].messages if conversation_id in self.kept else ()
        asked = _message("user", question, "pending")
        self._keep(conversation_id, dataset_id, (*before, asked))
        return conversation_id, asked.message_id

    def end(self, question_id: str, status: Status = "complete", content: str = ANSWER) -> str:
        """Ends the answering of a question; returns the id of its conversation."""
        conversation = next(
            kept for kept in self.kept.values() if question_id in [message.message_id for message in kept.messages]
        )
        said = [
            message.model_copy(update={"status": "complete"}) if message.message_id == question_id else message
            for message in conversation.messages
        ]
        said.append(_message("assistant", content, status))
        self._keep(conversation.conversation_id, conversation.dataset_id, said)
        return conversation.conversation_id

    def keep_long(self, dataset_id: str, questions: int) -> str:
        """Stores a conversation with so many answered questions, numbered from 0; returns its id."""
        conversation_id = str(uuid4())
        pairs = [(_message("user", f"질문 {number}", "complete"), answer()) for number in range(questions)]
        self._keep(conversation_id, dataset_id, [message for pair in pairs for message in pair])
        return conversation_id

    def ask(self, *, dataset_id: str, message: str, conversation_id: str | None, **_: Any) -> Generator[ChatEvent]:
        self.asked.append(message)
        conversation_id, question_id = self.begin(dataset_id, message, conversation_id)
        return self._events(conversation_id, question_id)

    def watch(self, question_id: str) -> Generator[ChatEvent]:
        self.watched.append(question_id)
        (conversation_id,) = (
            conversation.conversation_id
            for conversation in self.kept.values()
            if question_id in [message.message_id for message in conversation.messages]
        )
        return self._events(conversation_id, question_id)

    def stop(self, question_id: str) -> None:
        if self.cannot_stop:
            raise GatewayUnreachable("서버에 연결할 수 없습니다.", "request")
        self.stopped.append(question_id)
        self.end(question_id, "stopped", "18시에")

    def list_conversations(self, _client_id: str, *, dataset_id: str | None = None, **_: Any) -> ConversationPage:
        found = [kept for kept in self.kept.values() if dataset_id in (None, kept.dataset_id)]
        return ConversationPage(conversations=tuple(reversed(found)), next=None)

    def read_conversation(
        self, conversation_id: str, *, questions: int = 1, after: str | None = None
    ) -> ConversationMessages:
        """Returns the latest questions, or those before the one with the number `after`."""
        if conversation_id not in self.kept:
            raise GatewayRefused("대화를 찾을 수 없습니다.", "request", status=404, code="CONVERSATION_NOT_FOUND")
        kept = self.kept[conversation_id]
        begins = [number for number, message in enumerate(kept.messages) if message.role == "user"]
        end = int(after) if after else len(begins)
        begin = max(0, end - questions)
        places = [*begins, len(kept.messages)]
        messages = kept.messages[places[begin] : places[end]]
        return kept.model_copy(update={"messages": messages, "next": str(begin) if begin else None})

    def export_conversation(self, _conversation_id: str, _kind: str) -> bytes:
        return b""

    def _events(self, conversation_id: str, question_id: str) -> Generator[ChatEvent]:
        self.listening += 1
        try:
            started = {"conversation_id": conversation_id, "question_id": question_id, "model": "m"}
            yield ChatEvent(name="start", fields=started)
            yield ChatEvent(name="delta", fields={"text": "18시에 "})
            yield ChatEvent(name="beat", fields={})
            if self.hears == "cut":
                st.stop()
            if self.hears == "lost":
                raise GatewayUnreachable("서버에 연결할 수 없습니다.", "request", may_have_arrived=True)
            yield ChatEvent(name="delta", fields={"text": "가장 많습니다."})
            self.end(question_id)
            yield ChatEvent(name="done", fields=dict.fromkeys(("token_usage", "cost", "conflict")))
        finally:
            self.listening -= 1

    def _keep(self, conversation_id: str, dataset_id: str, messages: Sequence[Message]) -> None:
        self.kept[conversation_id] = ConversationMessages(
            conversation_id=conversation_id,
            dataset_id=dataset_id,
            dataset_name="자료",
            title=messages[0].content,
            updated_at=NOW,
            version=len(messages),
            is_being_answered=any(message.status == "pending" for message in messages),
            messages=tuple(messages),
            next=None,
        )


def answer(**fields: Any) -> Message:
    """Returns a complete answer."""
    return _message("assistant", ANSWER, "complete").model_copy(update=fields)


def _message(role: Literal["user", "assistant"], content: str, status: Status) -> Message:
    return Message(
        message_id=str(uuid4()),
        role=role,
        content=content,
        tool_calls=(),
        status=status,
        failure_message=None,
        token_usage=None,
        cost=None,
        cache_hit=False,
        model="m",
        duration_ms=1.0,
        turns_left_out=0,
        number_check=None,
    )
