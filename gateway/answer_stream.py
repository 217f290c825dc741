"""Streams an answer in progress as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Self

import grpc
import orjson
import structlog
from daegu.chat.v1 import chat_pb2 as pb
from fastapi import Response
from fastapi.responses import StreamingResponse

from gateway.envelope import success
from gateway.errors import ApiError, refusal_for
from gateway.views.chat import ENDS, STEPS, complete_answer, end_fields, failure

# The service first loads the data and the history, in at most 2 s; if it stays silent for longer, it hangs.
_BEGIN_SECONDS = 4.0
# Keep-alive comments, so that both ends notice a disconnect quickly: the page checks at every line.
_BEAT, _BEAT_SECONDS = b": beat\n\n", 0.25

log = structlog.get_logger()

Events = (
    grpc.aio.UnaryStreamCall[pb.SendMessageRequest, pb.SendMessageResponse]
    | grpc.aio.UnaryStreamCall[pb.WatchAnswerRequest, pb.WatchAnswerResponse]
)
"""A call that follows a run."""


class Listening:
    """Receives the events of a run as they happen. Leaving the block closes the call; the run continues."""

    def __init__(self, call: Events) -> None:
        self._call = call
        self._responses: AsyncIterator[pb.SendMessageResponse | pb.WatchAnswerResponse] = aiter(call)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._call.cancel()

    async def next(self) -> pb.SendMessageResponse | None:
        """Returns the next event, or None after the last one."""
        response = await anext(self._responses, None)
        return response.event if isinstance(response, pb.WatchAnswerResponse) else response

    async def first(self) -> pb.SendMessageResponse:
        """Returns the first event. Raises `ApiError` if it does not come soon: even a long run starts quickly."""
        try:
            async with asyncio.timeout(_BEGIN_SECONDS):
                event = await self.next()
        except TimeoutError:
            raise ApiError("DEADLINE_PASSED") from None
        if event is None:
            raise ApiError("ANSWER_CUT")
        return event


async def stream_answer(call: Events) -> Response:
    """Returns the events as a streaming response. Raises if the run is refused before its first event."""
    async with AsyncExitStack() as exits:
        listening = await exits.enter_async_context(Listening(call))
        lines = _lines(await listening.first(), listening, exits.pop_all())
    return StreamingResponse(lines, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _lines(first: pb.SendMessageResponse, listening: Listening, exits: AsyncExitStack) -> AsyncIterator[bytes]:
    """Yields the events as server-sent events; the last one always says how the run ended."""
    async with exits:
        yield _line(first)
        last = first
        coming = asyncio.ensure_future(listening.next())
        try:
            while True:
                done, _ = await asyncio.wait((coming,), timeout=_BEAT_SECONDS)
                if not done:
                    yield _BEAT
                    continue
                event = coming.result()
                if event is None:
                    break
                yield _line(event)
                last = event
                coming = asyncio.ensure_future(listening.next())
            if last.WhichOneof("event") not in ENDS:
                yield _event("error", ApiError("ANSWER_CUT").body())
        except grpc.aio.AioRpcError as error:
            is_lost = error.code() is grpc.StatusCode.UNAVAILABLE  # lost after the answer had begun
            refusal = ApiError("ANSWER_CUT") if is_lost else refusal_for(error) or ApiError("INTERNAL")
            yield _event("error", refusal.body())
        finally:
            coming.cancel()


def _line(event: pb.SendMessageResponse) -> bytes:
    kind = event.WhichOneof("event")
    match kind:
        case "done":
            return _event("done", success(complete_answer(event.done)))
        case "stopped":
            return _event("stopped", success(end_fields(event)))
        case "failed":
            return _event("error", failure(event.failed).body())
        case None:  # of a newer service
            log.warning("event_unknown")
            return b""
    return _event(kind, orjson.dumps(STEPS[kind](getattr(event, kind))))


def _event(name: str, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data)
