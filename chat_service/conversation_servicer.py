"""The gRPC door to the conversations."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import chain

from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc

from chat_service.conversation_store import ConversationStore
from chat_service.convert import (
    asking_browser,
    conversation_to_parts,
    conversation_to_proto,
    format_from_proto,
    optional_id,
    page_from_proto,
    title_from,
    whole_conversation_to_proto,
    whole_file_to_proto,
)
from chat_service.datasets import Datasets
from chat_service.export import MEDIA_TYPES, export, file_name
from chat_service.rows import Conversation, Message
from servicekit.ids import parse_id
from servicekit.paging import Place, page_offset, page_size
from servicekit.server import Context


class ConversationServicer(chat_pb2_grpc.ConversationServiceServicer):
    """Serves `daegu.chat.v1.ConversationService`."""

    def __init__(self, store: ConversationStore, datasets: Datasets) -> None:
        self._store = store
        self._datasets = datasets

    async def ListConversations(
        self, request: pb.ListConversationsRequest, context: Context
    ) -> pb.ListConversationsResponse:
        """Lists conversations, latest first."""
        conversations, place, total = await asyncio.to_thread(
            self._store.list_latest,
            dataset_id=optional_id(request.dataset_id, "dataset_id"),
            client_id=asking_browser(request),
            limit=page_size(request.limit),
            offset=page_offset(request.offset, request.after),
            after=Place.read(request.after),
        )
        return pb.ListConversationsResponse(
            conversations=map(conversation_to_proto, conversations), total=total, next=place and place.cursor()
        )

    async def ReadConversation(
        self, request: pb.ReadConversationRequest, context: Context
    ) -> AsyncIterator[pb.ReadConversationResponse]:
        """Streams a conversation, then its messages or a page of them."""
        conversation, turns = await asyncio.to_thread(self._store.get, _id(request.conversation_id))
        page, after = page_from_proto(request, turns)
        parts = conversation_to_parts(conversation, self._messages(conversation, page), after)
        while part := await asyncio.to_thread(next, parts, None):
            yield part

    async def GetConversation(self, request: pb.GetConversationRequest, context: Context) -> pb.GetConversationResponse:
        """Returns a conversation with all its messages."""
        conversation, turns = await asyncio.to_thread(self._store.get, _id(request.conversation_id))
        messages = self._messages(conversation, turns)
        return await asyncio.to_thread(whole_conversation_to_proto, conversation, messages)

    async def RenameConversation(
        self, request: pb.RenameConversationRequest, context: Context
    ) -> pb.RenameConversationResponse:
        """Changes the title."""
        conversation_id, title = _id(request.conversation_id), title_from(request.title)
        renamed = await asyncio.to_thread(self._store.rename, conversation_id, title, client_id=asking_browser(request))
        return pb.RenameConversationResponse(conversation=conversation_to_proto(renamed))

    async def DeleteConversation(
        self, request: pb.DeleteConversationRequest, context: Context
    ) -> pb.DeleteConversationResponse:
        """Deletes a conversation and its messages."""
        conversation_id = _id(request.conversation_id)
        await asyncio.to_thread(self._store.delete, conversation_id, client_id=asking_browser(request))
        return pb.DeleteConversationResponse()

    async def DownloadConversation(
        self, request: pb.DownloadConversationRequest, context: Context
    ) -> AsyncIterator[pb.DownloadConversationResponse]:
        """Streams a conversation as a file, even if its dataset was deleted."""
        name, media_type, chunks = await self._export(request)
        yield pb.DownloadConversationResponse(file_name=name, media_type=media_type)
        while chunk := await asyncio.to_thread(next, chunks, b""):
            yield pb.DownloadConversationResponse(chunk=chunk)

    async def ExportConversation(
        self, request: pb.ExportConversationRequest, context: Context
    ) -> pb.ExportConversationResponse:
        """Returns a conversation as a file."""
        return await asyncio.to_thread(whole_file_to_proto, *await self._export(request))

    async def _export(
        self, request: pb.DownloadConversationRequest | pb.ExportConversationRequest
    ) -> tuple[str, str, Iterator[bytes]]:
        """Returns the name, the media type and the chunks of a conversation as a file."""
        file_format = format_from_proto(request.format)
        conversation, numbers = await asyncio.to_thread(self._store.get, _id(request.conversation_id))
        download = await self._datasets.find_download(conversation.dataset_id) if file_format == "notebook" else None
        turns = chain.from_iterable(self._store.read(conversation.id, numbers))
        chunks = export(file_format, conversation, turns, download)
        return file_name(file_format, conversation), MEDIA_TYPES[file_format], chunks

    def _messages(self, conversation: Conversation, turns: range) -> Iterator[Iterator[Message]]:
        """Yields the messages of turns in the order of these, step by step. Blocking, as all that iterates over it."""
        for step in self._store.read(conversation.id, turns):
            yield chain.from_iterable(turn[:: turns.step] for turn in step)


def _id(text: str) -> str:
    return str(parse_id(text, "conversation_id"))
