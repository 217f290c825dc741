"""Questions about a dataset, answered whole or as they come."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import grpc
import orjson
from daegu.chat.v1 import chat_pb2 as pb
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from gateway.chat_convert import answer_fields, arguments, question_to_proto, retry_fields, tool_call_fields
from gateway.clients import clients_of
from gateway.envelope import answer, success
from gateway.errors import ApiError, refusal_for
from gateway.json_route import JsonRoute
from gateway.routes.datasets import ClientId
from gateway.schemas.chat import ChatAnswer, ChatModelsAnswer, KeyAnswer, QuestionBody
from gateway.schemas.common import errors
from gateway.texts import KEY_STATES

_CHAT_ERRORS = errors(400, 401, 402, 403, 404, 408, 409, 413, 415, 422, 429, 502, 503, 504)
_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["start", "thinking", "delta", "tool_start", "tool_end", "retry", "done", "error"]},
        "data": {"type": "string", "description": "The facts, as JSON.", "contentMediaType": "application/json"},
    },
}
_KEY_STATES = {pb.KEY_STATE_VALID: "valid", pb.KEY_STATE_INVALID: "invalid"}
_LONGEST_KEY = 500
_ENDS = ("done", "failed")
# While nothing happens, so that both ends notice soon when the other has gone.
_BEAT, _BEAT_SECONDS = b": beat\n\n", 1.0
# The service looks at the data and at the history first, for at most 2 s; one that says nothing for longer hangs.
_BEGIN_SECONDS = 4.0

ApiKey = Annotated[
    str | None, Header(alias="X-Anthropic-API-Key", description="The person's own Anthropic key. Never kept.")
]
router = APIRouter(tags=["채팅"], route_class=JsonRoute)


@router.post("/api/chat/message", summary="질문하기", response_model=ChatAnswer, responses=_CHAT_ERRORS)
async def ask(body: QuestionBody, request: Request, key: ApiKey = None, client_id: ClientId = None) -> Response:
    """Asks a question and answers once the whole answer is there."""
    event, others = await _begin(request, body, key, client_id)
    while event is not None:
        match event.WhichOneof("event"):
            case "done":
                return answer(answer_fields(event.done))
            case "failed":
                raise _failure(event.failed)
        event = await anext(others, None)
    raise ApiError("ANSWER_CUT")


@router.post(
    "/api/chat/message/stream",
    summary="질문하고 답을 실시간으로 받기 (SSE)",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events: start; thinking, delta, tool_start, tool_end and retry as they come; "
            "then done or error.",
            "content": {"text/event-stream": {"itemSchema": _EVENT}},
        },
        **_CHAT_ERRORS,
    },
)
async def ask_stream(body: QuestionBody, request: Request, key: ApiKey = None, client_id: ClientId = None) -> Response:
    """Asks a question and tells what happens as it happens. Closing the connection stops the run."""
    first, others = await _begin(request, body, key, client_id)  # while the answer can still be a refusal
    if first is None:
        raise ApiError("ANSWER_CUT")
    return StreamingResponse(_lines(first, others), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.post(
    "/api/chat/key/verify", summary="API 키 확인", response_model=KeyAnswer, responses=errors(401, 403, 415, 422, 504)
)
async def verify_key(request: Request, key: ApiKey = None) -> Response:
    """Asks Anthropic whether the key is accepted, without spending tokens."""
    verified = await clients_of(request).chat.VerifyKey(pb.VerifyKeyRequest(), metadata=_metadata(key))
    state = _KEY_STATES.get(verified.state, "unreachable")
    return answer({"state": state, "message": KEY_STATES[state]})


@router.get("/api/chat/models", summary="모델 목록", response_model=ChatModelsAnswer, responses=errors(401, 422, 504))
async def list_models(request: Request, key: ApiKey = None) -> Response:
    """Lists the models the key may use; without a key, the ones the price list knows."""
    metadata = _metadata(key) if key else ()
    listed = await clients_of(request).chat.ListModels(pb.ListModelsRequest(), metadata=metadata)
    models = [
        {
            "model": model.model,
            "name": model.name,
            "input_usd": model.input_usd if model.HasField("input_usd") else None,
            "output_usd": model.output_usd if model.HasField("output_usd") else None,
        }
        for model in listed.models
    ]
    return answer({"models": models, "default_model": listed.default_model, "prices_of": listed.prices_of})


def _metadata(key: str | None) -> tuple[tuple[str, str], ...]:
    if not key:
        raise ApiError("API_KEY_MISSING")
    if len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise ApiError("API_KEY_ILL_FORMED")
    return (("x-anthropic-api-key", key),)


async def _begin(
    request: Request, body: QuestionBody, key: str | None, client_id: str | None
) -> tuple[pb.SendMessageResponse | None, AsyncIterator[pb.SendMessageResponse]]:
    """Asks; returns the first event and those to come. An answer takes long, to begin with one does not."""
    call: Any = clients_of(request).chat.SendMessage(question_to_proto(body, client_id), metadata=_metadata(key))
    events = aiter(call)
    try:
        async with asyncio.timeout(_BEGIN_SECONDS):
            return await anext(events, None), events
    except TimeoutError:
        raise ApiError("DEADLINE_PASSED") from None


async def _lines(first: pb.SendMessageResponse, others: AsyncIterator[pb.SendMessageResponse]) -> AsyncIterator[bytes]:
    """Yields the events as they are written; the last one says how it ended, whatever happens."""
    yield _line(first)
    last = first
    coming = asyncio.ensure_future(anext(others, None))
    try:
        while True:
            done, _ = await asyncio.wait((coming,), timeout=_BEAT_SECONDS)
            if not done:
                yield _BEAT
                continue
            event = coming.result()
            if event is None:
                if last.WhichOneof("event") not in _ENDS:
                    yield _event("error", ApiError("ANSWER_CUT").body())
                return
            yield _line(event)
            last = event
            coming = asyncio.ensure_future(anext(others, None))
    except grpc.aio.AioRpcError as error:
        is_lost = error.code() is grpc.StatusCode.UNAVAILABLE  # it was there: the answer had begun
        refusal = ApiError("ANSWER_CUT") if is_lost else refusal_for(error) or ApiError("INTERNAL")
        yield _event("error", refusal.body())
    finally:
        coming.cancel()


def _line(event: pb.SendMessageResponse) -> bytes:
    kind = event.WhichOneof("event")
    match kind:
        case "started":
            started = event.started
            fields: dict[str, Any] = {
                "conversation_id": started.conversation_id,
                "question_id": started.question_id,
                "model": started.model,
            }
            return _event("start", orjson.dumps(fields))
        case "thinking":
            return _event("thinking", orjson.dumps({"text": event.thinking.text}))
        case "delta":
            return _event("delta", orjson.dumps({"text": event.delta.text}))
        case "tool_started":
            tool = event.tool_started
            fields = {"call_id": tool.call_id, "name": tool.name, "args": arguments(tool.arguments_json)}
            return _event("tool_start", orjson.dumps(fields))
        case "tool_ended":
            return _event("tool_end", orjson.dumps(tool_call_fields(event.tool_ended.call)))
        case "retrying":
            return _event("retry", orjson.dumps(retry_fields(event.retrying)))
        case "done":
            return _event("done", success(answer_fields(event.done)))
        case "failed":
            return _event("error", _failure(event.failed).body())
    return b""


def _event(name: str, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data)


def _failure(failed: pb.Failed) -> ApiError:
    seconds = failed.retry_after_seconds
    return ApiError(failed.reason, headers={"Retry-After": str(seconds)} if seconds else None)
