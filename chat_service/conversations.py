"""Lists, reads, renames, deletes and exports conversations."""

import asyncio

from chat_service.datasets import Datasets
from chat_service.export import ExportedFile, ExportFormat, export
from chat_service.store import ChatStore, Conversation, Message


class Conversations:
    """Manages the conversations; their turns are written by turns.py."""

    def __init__(self, store: ChatStore, datasets: Datasets) -> None:
        self._store = store
        self._datasets = datasets

    async def list_latest(
        self, *, dataset_id: str | None, client_id: str | None, limit: int, offset: int
    ) -> tuple[list[Conversation], int]:
        """Returns conversations, latest first, and their total number; those of all browsers without `client_id`."""
        return await asyncio.to_thread(
            self._store.list_latest, dataset_id=dataset_id, client_id=client_id, limit=limit, offset=offset
        )

    async def get(self, conversation_id: str) -> tuple[Conversation, list[Message]]:
        """Returns a conversation with its messages. Raises `CONVERSATION_NOT_FOUND`."""
        return await asyncio.to_thread(self._store.get, conversation_id)

    async def rename(self, conversation_id: str, title: str, *, client_id: str | None) -> Conversation:
        """Changes the title. Without `client_id`, the browser is not checked.

        Raises `CONVERSATION_NOT_FOUND`, or `CONVERSATION_OF_OTHER_BROWSER`.
        """
        return await asyncio.to_thread(self._store.rename, conversation_id, title, client_id=client_id)

    async def delete(self, conversation_id: str, *, client_id: str | None) -> None:
        """Deletes a conversation with its messages. Raises as `rename` does."""
        await asyncio.to_thread(self._store.delete, conversation_id, client_id=client_id)

    async def export(self, conversation_id: str, file_format: ExportFormat) -> ExportedFile:
        """Exports a conversation as a file, even if its dataset was deleted. Raises `CONVERSATION_NOT_FOUND`."""
        conversation, messages = await self.get(conversation_id)
        facts = await self._datasets.find(conversation.dataset_id) if file_format == "notebook" else None
        return await asyncio.to_thread(export, file_format, conversation, messages, facts)
