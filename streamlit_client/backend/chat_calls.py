"""The page's calls to the gateway about the chat."""

from collections.abc import Generator
from typing import Literal

from streamlit_client.backend.contract_chat import (
    ChatEvent,
    ChatModels,
    Conversation,
    ConversationMessages,
    ConversationPage,
    KeyAnswer,
)
from streamlit_client.backend.gateway_client import GatewayClient

_KEY_HEADER, _CLIENT_HEADER = "X-Anthropic-API-Key", "X-Client-Id"
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
        return self._gateway.stream_events("POST", "/api/chat/message/stream", body=body, headers=headers)

    def watch(self, question_id: str) -> Generator[ChatEvent]:
        """Yields the events of a question's run so far, then new ones; the first is `start`."""
        return self._gateway.stream_events("GET", "/api/chat/questions/{}/stream", question_id)

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
