"""Questions about a dataset: ask, stream, follow and stop."""

import asyncio
from typing import Annotated

import grpc
from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc
from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import WithJsonSchema

from gateway.answer_stream import Events, Listening, stream_answer
from gateway.clients import Clients, clients_of
from gateway.envelope import answer
from gateway.errors import ApiError, refusal_for
from gateway.json_route import JsonRoute
from gateway.routes.datasets import ClientId
from gateway.schemas.chat import QuestionBody
from gateway.schemas.common import errors
from gateway.schemas.prediction import Id
from gateway.views.chat import (
    STEPS,
    AnswerEnd,
    ChatRefusal,
    chat_models,
    complete_answer,
    end_fields,
    failure,
    key_state,
    message,
)
from servicekit import call_context

_CHAT_ERRORS = errors(400, 401, 402, 403, 404, 408, 409, 413, 415, 422, 429, 502, 503, 504, model=ChatRefusal)
_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "id": {"type": "string", "description": "For `Last-Event-ID`; absent for the last event."},
        "event": {"enum": [*STEPS, "done", "stopped", "error"]},
        "data": {"type": "string", "description": "The facts, as JSON.", "contentMediaType": "application/json"},
    },
}
_EVENTS = {
    "description": f"Server-sent events: {', '.join(STEPS)} as they come; then done, stopped or error.",
    "content": {"text/event-stream": {"itemSchema": _EVENT}},
}
_LONGEST_KEY = 500

ApiKey = Annotated[
    Annotated[str, WithJsonSchema({"type": "string", "maxLength": _LONGEST_KEY})] | None,
    Header(alias="X-Anthropic-API-Key", description="The user's own Anthropic key. Never stored."),
]
LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=100, description="The `id` of the last event received.")
]
QuestionId = Annotated[Id, Path(description="Id of the question: of `start`, or of its message in a conversation.")]
router = APIRouter(tags=["채팅"], route_class=JsonRoute)


@router.post("/api/chat/message", summary="질문하기", response_model=complete_answer.answer, responses=_CHAT_ERRORS)
async def ask(body: QuestionBody, request: Request, key: ApiKey = None, client_id: ClientId = None) -> Response:
    """Asks a question and returns the complete answer. The run continues when the client disconnects.

    If the run takes longer than 27 s, this request is answered with 504 and the run continues. Like any refusal after a
    run has begun, it has the `question_id` and the `conversation_id`:
    `GET /api/chat/questions/{question_id}/stream` follows the run to its end, and
    `GET /api/chat/conversations/{conversation_id}` has the answer once it is stored.
    """
    clients = clients_of(request)
    await _check_working(clients)
    async with Listening(clients.chat, _send(clients.chat, body, key, client_id)) as listening:
        first = await listening.first()
        event: pb.SendMessageResponse | None = first
        try:
            while event is not None:
                match event.WhichOneof("event"):
                    case "done":
                        return answer(complete_answer(event.done))
                    case "failed":
                        raise failure(event.failed)
                    case "stopped":
                        said = message(event.stopped.answer) if event.stopped.HasField("answer") else None
                        raise ApiError("ANSWER_STOPPED", more_fields={"answer": said})
                event = await listening.next()
            raise ApiError("ANSWER_CUT")
        except (ApiError, grpc.aio.AioRpcError) as error:
            refusal = refusal_for(error) or ApiError("INTERNAL")
            started = first.start
            refusal.more_fields |= {"conversation_id": started.conversation_id, "question_id": started.question_id}
            raise refusal from None


@router.post(
    "/api/chat/message/stream",
    summary="질문하고 답을 실시간으로 받기 (SSE)",
    response_class=StreamingResponse,
    responses={200: _EVENTS, **_CHAT_ERRORS},
)
async def ask_stream(body: QuestionBody, request: Request, key: ApiKey = None, client_id: ClientId = None) -> Response:
    """Asks a question and streams the events of the run. Disconnecting does not stop the run."""
    clients = clients_of(request)
    await _check_working(clients)
    call_context.set_time_left(None)
    return await stream_answer(Listening(clients.answers, _send(clients.answers, body, key, client_id)))


@router.get(
    "/api/chat/questions/{question_id}/stream",
    summary="답하는 과정을 처음부터, 또는 끊긴 곳부터 보기 (SSE)",
    response_class=StreamingResponse,
    responses={200: _EVENTS, **errors(404, 422, 502, 503, 504)},
)
async def watch_answer(question_id: QuestionId, request: Request, last_event_id: LastEventId = None) -> Response:
    """Replays the events of a run, then follows it; for an answered question, returns how the run ended.

    After a connection that broke, `Last-Event-ID` is the `id` of the last event received: only what follows is sent.
    """
    clients = clients_of(request)
    await clients.check_working("chat")
    call_context.set_time_left(None)
    watch = pb.WatchAnswerRequest(question_id=str(question_id), after=last_event_id or "")
    return await stream_answer(Listening(clients.answers, clients.answers.WatchAnswer(watch), watch.question_id))


@router.post(
    "/api/chat/questions/{question_id}/stop",
    summary="답변 중단",
    response_model=AnswerEnd,
    responses=errors(403, 404, 415, 422, 503, 504),
)
async def stop_answer(question_id: QuestionId, request: Request) -> Response:
    """Stops the run and keeps the answer so far. Returns how it ended, even if it had ended before."""
    clients = clients_of(request)
    await clients.check_working("chat")
    stopped = await clients.chat.StopAnswer(pb.StopAnswerRequest(question_id=str(question_id)))
    return answer(end_fields(stopped.end))


@router.post(
    "/api/chat/key/verify",
    summary="API 키 확인",
    response_model=key_state.answer,
    responses=errors(401, 403, 415, 422, 504),
)
async def verify_key(request: Request, key: ApiKey = None) -> Response:
    """Asks Anthropic whether the key is accepted, without spending tokens."""
    clients = clients_of(request)
    await clients.check_working("chat", "")
    verified = await clients.chat.VerifyKey(pb.VerifyKeyRequest(), metadata=_metadata(key))
    return answer(key_state(verified))


@router.get(
    "/api/chat/models",
    summary="모델 목록",
    response_model=chat_models.answer,
    responses=errors(401, 422, 504),
)
async def list_models(request: Request, key: ApiKey = None) -> Response:
    """Lists the models the key may use; without a key, those of the price list."""
    metadata = _metadata(key) if key else ()
    clients = clients_of(request)
    await clients.check_working("chat", "")
    listed = await clients.chat.ListModels(pb.ListModelsRequest(), metadata=metadata)
    return answer(chat_models(listed))


def _metadata(key: str | None) -> tuple[tuple[str, str], ...]:
    if not key:
        raise ApiError("API_KEY_MISSING")
    if len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise ApiError("API_KEY_ILL_FORMED")
    return (("x-anthropic-api-key", key),)


async def _check_working(clients: Clients) -> None:
    await asyncio.gather(clients.check_working("chat"), clients.check_working("dataset"))


def _send(
    stub: "chat_pb2_grpc.ChatServiceAsyncStub", body: QuestionBody, key: str | None, client_id: str | None
) -> Events:
    question = pb.SendMessageRequest(
        dataset_id=str(body.dataset_id),
        message=body.message,
        conversation_id=str(body.conversation_id or ""),
        expected_version=body.expected_version,
        client_id=client_id or "",
        model=body.model or "",
        retry_of=str(body.retry_of or ""),
    )
    return stub.SendMessage(question, metadata=_metadata(key))
