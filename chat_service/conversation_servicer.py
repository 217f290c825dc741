"""The gRPC door to the conversations."""

from typing import Any

import grpc
from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc

from chat_service.conversations import Conversations
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
from servicekit.errors import field_refused
from servicekit.ids import parse_id

_MOST, _DEFAULT = 100, 20

_Context = grpc.aio.ServicerContext[Any, Any]


class ConversationServicer(chat_pb2_grpc.ConversationServiceServicer):
    """Serves `daegu.chat.v1.ConversationService`."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def ListConversations(
        self, request: pb.ListConversationsRequest, context: _Context
    ) -> pb.ListConversationsResponse:
        """Lists conversations, latest first."""
        if not 0 <= request.limit <= _MOST:
            raise field_refused("limit", "NUMBER_OUT_OF_RANGE", f"from 0 to {_MOST}")
        if request.offset < 0:
            raise field_refused("offset", "NUMBER_OUT_OF_RANGE", "0 or more")
        found, total = await self._conversations.list_latest(
            dataset_id=optional_id(request.dataset_id, "dataset_id"),
            client_id=asking_browser(request),
            limit=request.limit or _DEFAULT,
            offset=request.offset,
        )
        return pb.ListConversationsResponse(
            conversations=[conversation_to_proto(conversation) for conversation in found], total=total
        )

    async def GetConversation(
        self, request: pb.GetConversationRequest, context: _Context
    ) -> pb.GetConversationResponse:
        """Returns a conversation with all its messages."""
        conversation, messages = await self._conversations.get(_id(request.conversation_id))
        return pb.GetConversationResponse(
            conversation=conversation_to_proto(conversation),
            messages=within_limit([message_to_proto(message) for message in messages]),
        )

    async def RenameConversation(
        self, request: pb.RenameConversationRequest, context: _Context
    ) -> pb.RenameConversationResponse:
        """Changes the title."""
        renamed = await self._conversations.rename(
            _id(request.conversation_id), title_from(request.title), client_id=asking_browser(request)
        )
        return pb.RenameConversationResponse(conversation=conversation_to_proto(renamed))

    async def DeleteConversation(
        self, request: pb.DeleteConversationRequest, context: _Context
    ) -> pb.DeleteConversationResponse:
        """Deletes a conversation and its messages."""
        await self._conversations.delete(_id(request.conversation_id), client_id=asking_browser(request))
        return pb.DeleteConversationResponse()

    async def ExportConversation(
        self, request: pb.ExportConversationRequest, context: _Context
    ) -> pb.ExportConversationResponse:
        """Exports a conversation as a file."""
        file_format = format_from_proto(request.format)
        return file_to_proto(await self._conversations.export(_id(request.conversation_id), file_format))


def _id(text: str) -> str:
    return str(parse_id(text, "conversation_id"))
