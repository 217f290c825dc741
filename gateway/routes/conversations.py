"""Conversations: list, read, rename, delete, export."""

from typing import Annotated, Literal

from daegu.chat.v1 import chat_pb2 as pb
from fastapi import APIRouter, Path, Query, Request, Response

from gateway.clients import clients_of
from gateway.envelope import answer
from gateway.json_route import JsonRoute
from gateway.routes.datasets import ClientId, attachment
from gateway.schemas.chat import TitleBody
from gateway.schemas.common import errors
from gateway.schemas.prediction import Id
from gateway.views.chat import conversation, conversations, full_conversation

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
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="How many to skip.")] = 0,
    client_id: ClientId = None,
) -> Response:
    """Lists the conversations that this browser began, or that were begun without `X-Client-Id`, latest first."""
    listed = await clients_of(request).conversations.ListConversations(
        pb.ListConversationsRequest(
            dataset_id=str(dataset_id or ""), client_id=client_id or "", limit=limit, offset=offset
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
    """Returns a conversation with all its messages."""
    found = await clients_of(request).conversations.GetConversation(
        pb.GetConversationRequest(conversation_id=str(conversation_id))
    )
    return answer(full_conversation(found))


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
    found = await stub.GetConversation(pb.GetConversationRequest(conversation_id=str(conversation_id)))
    await stub.DeleteConversation(
        pb.DeleteConversationRequest(conversation_id=str(conversation_id), client_id=client_id or "")
    )
    return answer(conversation(found.conversation))


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
    """Exports a conversation; the notebook's code cells are the tools' pandas code.

    It loads the file of `GET /api/datasets/{dataset_id}/data?format=csv&guard=off` as it is now, and refuses any other.
    """
    file = await clients_of(request).patient_conversations.ExportConversation(
        pb.ExportConversationRequest(conversation_id=str(conversation_id), format=_FORMATS[format])
    )
    return Response(file.content, 200, {"Content-Disposition": attachment(file.file_name)}, file.media_type)
