"""The gRPC door of the chat service: proto in, one domain call, proto out."""

import asyncio
from typing import Any

import grpc
import sqlalchemy as sa
from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc

from chat_service.store import schema_revision
from servicekit.settings import VERSION


class ChatServicer(chat_pb2_grpc.ChatServiceServicer):
    """Serves `daegu.chat.v1.ChatService`."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    async def GetServiceInfo(
        self, request: pb.GetServiceInfoRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetServiceInfoResponse:
        """Tells which version runs on which schema."""
        revision = await asyncio.to_thread(schema_revision, self._engine)
        return pb.GetServiceInfoResponse(version=VERSION, schema_revision=revision)
