"""Conversations: list, read, rename, delete, export."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal

import orjson
from daegu.chat.v1 import chat_pb2 as pb
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from gateway.clients import clients_of
from gateway.envelope import answer, enveloped
from gateway.json_route import JsonRoute
from gateway.routes.datasets import ClientId, attachment
from gateway.schemas.chat import TitleBody
from gateway.schemas.common import After, Offset, errors
from gateway.schemas.prediction import Id
from gateway.views.chat import conversation, conversations, full_conversation, message, message_page
from servicekit import call_context

_FORMATS = {"markdown": pb.EXPORT_FORMAT_MARKDOWN, "notebook": pb.EXPORT_FORMAT_NOTEBOOK}

ConversationId = Annotated[Id, Path(description="Id of the conversation.")]
router = APIRouter(prefix="/api/chat/conversations", tags=["대화"], route_class=JsonRoute)


@router.get(
    "",
    summary="대화 목록 (최신순)",
    response_model=conversations.answer,
    responses=errors(422, 503, 504),
)
async def list_conversations(
    request: Request,
    dataset_id: Annotated[Id | None, Query(description="Only of this dataset.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many.")] = 20,
    offset: Offset = 0,
    after: After = "",
    client_id: ClientId = None,
) -> Response:
    """Lists the conversations that this browser began, or that were begun without `X-Client-Id`, latest first."""
    listed = await clients_of(request).conversations.ListConversations(
        pb.ListConversationsRequest(
            dataset_id=str(dataset_id or ""), client_id=client_id or "", limit=limit, offset=offset, after=after
        )
    )
    return answer(conversations(listed))


@router.get(
    "/{conversation_id}",
    summary="대화 전체",
    response_model=full_conversation.answer,
    responses=errors(404, 422, 503, 504),
)
async def get_conversation(conversation_id: ConversationId, request: Request) -> Response:
    """Streams a conversation with all its messages, oldest first."""
    first, parts = await _read(request, pb.ReadConversationRequest(conversation_id=str(conversation_id)))
    return _streamed(conversation(first.conversation), parts)


@router.get(
    "/{conversation_id}/messages",
    summary="대화의 메시지 (최신순)",
    response_model=message_page.answer,
    responses=errors(404, 422, 503, 504),
)
async def list_messages(
    conversation_id: ConversationId,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many questions, each with its answer.")] = 20,
    after: After = "",
) -> Response:
    """Streams a conversation with a page of its messages, latest first: an answer comes before its question."""
    first, parts = await _read(
        request,
        pb.ReadConversationRequest(
            conversation_id=str(conversation_id), order=pb.MESSAGE_ORDER_LATEST, limit=limit, after=after
        ),
    )
    fields = message_page(first)
    del fields["messages"]  # the other parts have them
    return _streamed(fields, parts)


@router.patch(
    "/{conversation_id}",
    summary="대화 제목 바꾸기",
    response_model=conversation.answer,
    responses=errors(400, 403, 404, 408, 413, 415, 422, 503, 504),
)
async def rename_conversation(
    conversation_id: ConversationId, body: TitleBody, request: Request, client_id: ClientId = None
) -> Response:
    """Changes the title of a conversation that this browser began."""
    renamed = await clients_of(request).conversations.RenameConversation(
        pb.RenameConversationRequest(conversation_id=str(conversation_id), title=body.title, client_id=client_id or "")
    )
    return answer(conversation(renamed.conversation))


@router.delete(
    "/{conversation_id}",
    summary="대화 삭제",
    response_model=conversation.answer,
    responses=errors(403, 404, 409, 415, 422, 503, 504),
)
async def delete_conversation(
    conversation_id: ConversationId, request: Request, client_id: ClientId = None
) -> Response:
    """Deletes a conversation that this browser began, and its messages."""
    stub = clients_of(request).conversations
    reading = stub.ReadConversation(pb.ReadConversationRequest(conversation_id=str(conversation_id), limit=1))
    deleted = (await anext(aiter(reading))).conversation
    await stub.DeleteConversation(
        pb.DeleteConversationRequest(conversation_id=str(conversation_id), client_id=client_id or "")
    )
    return answer(conversation(deleted))


@router.get(
    "/{conversation_id}/export",
    summary="대화 내보내기 (Markdown, Jupyter)",
    response_class=Response,
    responses={
        200: {
            "description": "The file",
            "content": {
                "text/markdown": {"schema": {"type": "string"}},
                "application/x-ipynb+json": {"schema": {"type": "object"}},
            },
        },
        **errors(404, 422, 503, 504),
    },
)
async def export_conversation(
    conversation_id: ConversationId,
    request: Request,
    format: Annotated[Literal["markdown", "notebook"], Query(description="Format.")] = "markdown",  # noqa: A002
) -> Response:
    """Streams a conversation as a file; the notebook's code cells are the tools' pandas code.

    It loads the file of `GET /api/datasets/{dataset_id}/data?format=csv&guard=off` as it is now, and refuses any other.
    """
    clients = clients_of(request)
    await clients.check_working("chat")
    call_context.set_time_left(None)  # however slowly the client reads; the channel's cap is the limit
    order = pb.DownloadConversationRequest(conversation_id=str(conversation_id), format=_FORMATS[format])
    parts = aiter(clients.conversation_streams.DownloadConversation(order))
    first = await anext(parts)  # while a refusal is still possible
    headers = {"Content-Disposition": attachment(first.file_name)}
    return StreamingResponse((part.chunk async for part in parts), 200, headers, first.media_type)


async def _read(
    request: Request, order: pb.ReadConversationRequest
) -> tuple[pb.ReadConversationResponse, AsyncIterator[pb.ReadConversationResponse]]:
    """Returns the first part of a conversation, while a refusal is still possible, and the others."""
    clients = clients_of(request)
    await clients.check_working("chat")
    call_context.set_time_left(None)  # however slowly the client reads; the channel's cap is the limit
    parts: AsyncIterator[pb.ReadConversationResponse] = aiter(clients.conversation_streams.ReadConversation(order))
    return await anext(parts), parts


def _streamed(fields: Mapping[str, Any], parts: AsyncIterator[pb.ReadConversationResponse]) -> Response:
    return StreamingResponse(enveloped("messages", _messages(parts), fields), media_type="application/json")


async def _messages(parts: AsyncIterator[pb.ReadConversationResponse]) -> AsyncIterator[bytes]:
    """Yields a JSON array of messages. The last so far waits for the next part, which may have more of its calls."""
    held: list[pb.Message] = []
    begin = b"["
    async for part in parts:
        if held:
            held[-1].tool_calls.extend(part.further_calls)
        held += part.messages
        if len(held) > 1:
            yield begin + orjson.dumps([message(one) for one in held[:-1]])[1:-1]
            begin = b","
            del held[:-1]
    yield begin + orjson.dumps([message(one) for one in held])[1:]
