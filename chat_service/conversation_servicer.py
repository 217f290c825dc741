"""The gRPC door to the conversations."""

import asyncio

from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc

from chat_service.conversation_store import ConversationStore
from chat_service.convert import (
    asking_browser,
    conversation_to_proto,
    file_to_proto,
    format_from_proto,
    message_to_proto,
    optional_id,
    title_from,
    within_limit,
)
from chat_service.datasets import Datasets
from chat_service.export import export
from servicekit.ids import parse_id
from servicekit.paging import page_offset, page_size
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
        conversations, total = await asyncio.to_thread(
            self._store.list_latest,
            dataset_id=optional_id(request.dataset_id, "dataset_id"),
            client_id=asking_browser(request),
            limit=page_size(request.limit),
            offset=page_offset(request.offset),
        )
        return pb.ListConversationsResponse(
            conversations=[conversation_to_proto(conversation) for conversation in conversations], total=total
        )

    async def GetConversation(self, request: pb.GetConversationRequest, context: Context) -> pb.GetConversationResponse:
        """Returns a conversation with all its messages."""
        conversation, messages = await asyncio.to_thread(self._store.get, _id(request.conversation_id))
        return pb.GetConversationResponse(
            conversation=conversation_to_proto(conversation),
            messages=within_limit([message_to_proto(message) for message in messages]),
        )

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

    async def ExportConversation(
        self, request: pb.ExportConversationRequest, context: Context
    ) -> pb.ExportConversationResponse:
        """Exports a conversation as a file, even if its dataset was deleted."""
        file_format = format_from_proto(request.format)
        conversation, messages = await asyncio.to_thread(self._store.get, _id(request.conversation_id))
        download = await self._datasets.find_download(conversation.dataset_id) if file_format == "notebook" else None
        return file_to_proto(await asyncio.to_thread(export, file_format, conversation, messages, download))


def _id(text: str) -> str:
    return str(parse_id(text, "conversation_id"))
