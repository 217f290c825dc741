"""The page's calls to the gateway about the chat."""

from collections.abc import Generator
from contextlib import closing
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from streamlit_client.backend.contract_chat import (
    AnswerEnd,
    ChatEvent,
    ChatModels,
    Conversation,
    ConversationPage,
    FullConversation,
    KeyAnswer,
)
from streamlit_client.backend.gateway_client import GatewayClient

_KEY_HEADER, _CLIENT_HEADER = "X-Anthropic-API-Key", "X-Client-Id"


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
        """Asks a question and yields its events. Closing the iterator disconnects; the run continues."""
        body = {
            "dataset_id": dataset_id,
            "message": message,
            "conversation_id": conversation_id,
            "expected_version": expected_version,
            "model": model,
            "retry_of": retry_of,
        }
        headers = {_KEY_HEADER: key, _CLIENT_HEADER: client_id}
        return self._events("POST", "/api/chat/message/stream", body=body, headers=headers)

    def watch(self, question_id: str) -> Generator[ChatEvent]:
        """Yields the events of a question's run so far, then new ones; the first is `start`."""
        return self._events("GET", f"{_question_path(question_id)}/stream")

    def stop(self, question_id: str) -> AnswerEnd:
        """Stops the run of a question. Returns how it ended, even if it had ended before."""
        return self._gateway.ask(AnswerEnd, "POST", f"{_question_path(question_id)}/stop")

    def _events(self, method: str, path: str, **options: Any) -> Generator[ChatEvent]:
        with closing(self._gateway.stream_events(method, path, **options)) as events:
            for name, fields in events:
                yield self._gateway.read(partial(ChatEvent.model_validate, {"name": name, "fields": fields}))

    def verify_key(self, key: str) -> KeyAnswer:
        """Asks whether a key is accepted, without spending tokens."""
        return self._gateway.ask(KeyAnswer, "POST", "/api/chat/key/verify", headers={_KEY_HEADER: key})

    def list_models(self, key: str | None) -> ChatModels:
        """Returns the models that the key may use; without a key, those of the price list."""
        return self._gateway.ask(ChatModels, "GET", "/api/chat/models", headers={_KEY_HEADER: key} if key else None)

    def list_conversations(
        self, client_id: str, *, dataset_id: str | None = None, limit: int = 20, offset: int = 0
    ) -> ConversationPage:
        """Returns conversations of this browser, latest first."""
        parameters: dict[str, Any] = {"limit": limit, "offset": offset}
        if dataset_id:
            parameters["dataset_id"] = dataset_id
        return self._gateway.ask(
            ConversationPage,
            "GET",
            "/api/chat/conversations",
            parameters=parameters,
            headers={_CLIENT_HEADER: client_id},
        )

    def get_conversation(self, conversation_id: str) -> FullConversation:
        """Returns a conversation with all its messages."""
        return self._gateway.ask(FullConversation, "GET", _path(conversation_id))

    def rename_conversation(self, client_id: str, conversation_id: str, title: str) -> Conversation:
        """Changes the title of a conversation that this browser began."""
        headers = {_CLIENT_HEADER: client_id}
        return self._gateway.ask(Conversation, "PATCH", _path(conversation_id), body={"title": title}, headers=headers)

    def delete_conversation(self, client_id: str, conversation_id: str) -> Conversation:
        """Deletes a conversation that this browser began, and its messages."""
        headers = {_CLIENT_HEADER: client_id}
        return self._gateway.ask(Conversation, "DELETE", _path(conversation_id), headers=headers)

    def export_conversation(self, conversation_id: str, kind: Literal["markdown", "notebook"]) -> bytes:
        """Returns a conversation as a file."""
        return self._gateway.fetch("GET", f"{_path(conversation_id)}/export", parameters={"format": kind})


def _question_path(question_id: str) -> str:
    return f"/api/chat/questions/{quote(question_id, safe='')}"


def _path(conversation_id: str) -> str:
    return f"/api/chat/conversations/{quote(conversation_id, safe='')}"
