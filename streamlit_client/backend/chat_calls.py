"""The page's calls to the gateway about the chat."""

import time
from collections.abc import Generator
from contextlib import closing
from typing import Literal

from streamlit_client.backend.contract_chat import (
    ChatEvent,
    ChatModels,
    Conversation,
    ConversationMessages,
    ConversationPage,
    KeyAnswer,
)
from streamlit_client.backend.gateway_client import GatewayClient, GatewayError, GatewayRefused, GatewayUnreachable

_KEY_HEADER, _CLIENT_HEADER = "X-Anthropic-API-Key", "X-Client-Id"
_ENDS = ("done", "stopped", "error")
# A broken connection is tried again for some ten seconds: a gateway restarts in less.
_MOST_BREAKS, _AGAIN_SECONDS = 20, 0.5
_AT_FAULT = 500
_CONVERSATION = "/api/chat/conversations/{}"


class ChatCalls:
    """One method per chat operation of the gateway. Raises only `GatewayError`."""

    def __init__(self, gateway: GatewayClient) -> None:
        self._gateway = gateway

    def ask(
        self,
        *,
        key: str,
        client_id: str,
        dataset_id: str,
        message: str,
        conversation_id: str | None = None,
        expected_version: int = 0,
        model: str | None = None,
        retry_of: str | None = None,
    ) -> Generator[ChatEvent]:
        """Asks a question and yields its events. Closing the iterator disconnects; the run continues.

        A connection that breaks once the question is stored is taken up again where it was.
        """
        body = {
            "dataset_id": dataset_id,
            "message": message,
            "conversation_id": conversation_id,
            "expected_version": expected_version,
            "model": model,
            "retry_of": retry_of,
        }
        headers = {_KEY_HEADER: key, _CLIENT_HEADER: client_id}
        events = self._gateway.stream_events("POST", "/api/chat/message/stream", body=body, headers=headers)
        return self._unbroken(events)

    def watch(self, question_id: str) -> Generator[ChatEvent]:
        """Yields the events of a question's run so far, then new ones; the first is `start`. Goes on as `ask` does."""
        return self._unbroken(self._go_on(question_id))

    def _go_on(self, question_id: str, after: str = "") -> Generator[ChatEvent]:
        headers = {"Last-Event-ID": after or None}
        return self._gateway.stream_events("GET", "/api/chat/questions/{}/stream", question_id, headers=headers)

    def _unbroken(self, events: Generator[ChatEvent]) -> Generator[ChatEvent]:
        question_id, after, breaks = "", "", 0
        while True:
            lost: GatewayError | None = None
            with closing(events):
                try:
                    for event in events:
                        yield event
                        if event.name in _ENDS:
                            return
                        question_id = event.fields.get("question_id") or question_id
                        after = event.id or after
                        breaks = 0 if event.id else breaks
                except (GatewayUnreachable, GatewayRefused) as error:
                    lost = error
            if not after or breaks == _MOST_BREAKS or (isinstance(lost, GatewayRefused) and lost.status < _AT_FAULT):
                if lost is not None:
                    raise lost
                return
            breaks += 1
            yield ChatEvent(name="beat", fields={})  # where the page notices a click
            time.sleep(_AGAIN_SECONDS)
            events = self._go_on(question_id, after)

    def stop(self, question_id: str) -> None:
        """Stops the run of a question, if it has not ended yet."""
        self._gateway.fetch("POST", "/api/chat/questions/{}/stop", question_id)

    def verify_key(self, key: str) -> KeyAnswer:
        """Asks whether a key is accepted, without spending tokens."""
        return self._gateway.ask(KeyAnswer, "POST", "/api/chat/key/verify", headers={_KEY_HEADER: key})

    def list_models(self, key: str | None) -> ChatModels:
        """Returns the models that the key may use; without a key, those of the price list."""
        return self._gateway.ask(ChatModels, "GET", "/api/chat/models", headers={_KEY_HEADER: key})

    def list_conversations(
        self, client_id: str, *, dataset_id: str | None = None, limit: int = 20, after: str | None = None
    ) -> ConversationPage:
        """Returns conversations of this browser, latest first, from the `next` of the page before on."""
        parameters = {"limit": limit, "after": after, "dataset_id": dataset_id}
        headers = {_CLIENT_HEADER: client_id}
        path = "/api/chat/conversations"
        return self._gateway.ask(ConversationPage, "GET", path, parameters=parameters, headers=headers)

    def read_conversation(
        self, conversation_id: str, *, questions: int = 1, after: str | None = None
    ) -> ConversationMessages:
        """Returns a conversation with its latest questions, or those before the `next` of a later page; at most 100."""
        path, parameters = f"{_CONVERSATION}/messages", {"limit": questions, "after": after}
        page = self._gateway.ask(ConversationMessages, "GET", path, conversation_id, parameters=parameters)
        return page.model_copy(update={"messages": page.messages[::-1]})

    def rename_conversation(self, client_id: str, conversation_id: str, title: str) -> Conversation:
        """Changes the title of a conversation that this browser began."""
        headers, body = {_CLIENT_HEADER: client_id}, {"title": title}
        return self._gateway.ask(Conversation, "PATCH", _CONVERSATION, conversation_id, body=body, headers=headers)

    def delete_conversation(self, client_id: str, conversation_id: str) -> Conversation:
        """Deletes a conversation that this browser began, and its messages."""
        headers = {_CLIENT_HEADER: client_id}
        return self._gateway.ask(Conversation, "DELETE", _CONVERSATION, conversation_id, headers=headers)

    def export_conversation(self, conversation_id: str, kind: Literal["markdown", "notebook"]) -> bytes:
        """Returns a conversation as a file."""
        return self._gateway.fetch("GET", f"{_CONVERSATION}/export", conversation_id, parameters={"format": kind})
