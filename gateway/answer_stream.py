"""Streams an answer in progress as server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Self

import grpc
import orjson
import structlog
from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc
from fastapi import Response
from fastapi.responses import StreamingResponse

from gateway.envelope import success
from gateway.errors import ApiError, refusal_for
from gateway.views.chat import ENDS, STEPS, complete_answer, end_fields, failure

# The service first loads the data and the history, in at most 2 s; if it stays silent for longer, it hangs.
_BEGIN_SECONDS = 4.0
# For how long a broken stream is taken up again: until the turn of a dead replica has failed, or the replica is back.
_MEND_SECONDS, _AGAIN_SECONDS = 15.0, 0.3
_LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
# Keep-alive comments, so that both ends notice a disconnect quickly: the page checks at every line.
_BEAT, _BEAT_SECONDS = b": beat\n\n", 0.25

log = structlog.get_logger()

Events = (
    grpc.aio.UnaryStreamCall[pb.SendMessageRequest, pb.SendMessageResponse]
    | grpc.aio.UnaryStreamCall[pb.WatchAnswerRequest, pb.WatchAnswerResponse]
)
"""A call that follows a run."""


class Listening:
    """Receives the events of a run as they happen. Leaving the block closes the call; the run continues.

    A stream that breaks behind an event with an id, because the replica that sends it stops, is taken up again where it
    was, from another replica.
    """

    def __init__(self, stub: "chat_pb2_grpc.ChatServiceAsyncStub", call: Events, question_id: str = "") -> None:
        self._stub = stub
        self._question_id, self._after = question_id, ""
        self._has_ended = False
        self._listen_to(call)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._call.cancel()

    async def next(self) -> pb.SendMessageResponse | None:
        """Returns the next event, or None after the last one."""
        give_up_at = float("inf")
        while not self._has_ended:
            may_mend = self._after and time.monotonic() < give_up_at
            try:
                event = await self._receive()
                if event is not None or not may_mend:
                    return event
            except grpc.aio.AioRpcError as error:
                if error.code() not in _LOST or not may_mend:
                    raise
            give_up_at = min(give_up_at, time.monotonic() + _MEND_SECONDS)
            await asyncio.sleep(_AGAIN_SECONDS)
            watch = pb.WatchAnswerRequest(question_id=self._question_id, after=self._after)
            self._listen_to(self._stub.WatchAnswer(watch))
        return None

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

    def _listen_to(self, call: Events) -> None:
        self._call = call
        self._responses: AsyncIterator[pb.SendMessageResponse | pb.WatchAnswerResponse] = aiter(call)

    async def _receive(self) -> pb.SendMessageResponse | None:
        response = await anext(self._responses, None)
        event = response.event if isinstance(response, pb.WatchAnswerResponse) else response
        if event is not None:
            self._question_id = event.start.question_id or self._question_id
            self._after = event.event_id or self._after
            self._has_ended = event.WhichOneof("event") in ENDS
        return event


async def stream_answer(listening: Listening) -> Response:
    """Returns the events as a streaming response. Raises if the run is refused before its first event."""
    async with AsyncExitStack() as exits:
        await exits.enter_async_context(listening)
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
            is_lost = error.code() in _LOST  # after the answer had begun
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
        case None:
            if event.ByteSize():  # of a newer service; otherwise listening goes on, and nothing is new
                log.warning("event_unknown")
            return _BEAT
    return _event(kind, orjson.dumps(STEPS[kind](getattr(event, kind))), event.event_id)


def _event(name: str, data: bytes, event_id: str = "") -> bytes:
    id_line = f"id: {event_id}\n" if event_id else ""
    return b"%bevent: %b\ndata: %b\n\n" % (id_line.encode(), name.encode(), data)
