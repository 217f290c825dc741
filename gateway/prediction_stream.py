"""Single predictions, many at a time: whatever waits goes as one frame of one long-lived stream.

There is no timer. Two frames may be under way; while they are, what arrives waits together and makes the next one.
"""

import asyncio
import itertools
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import grpc
import structlog
from daegu.prediction.v1 import prediction_pb2 as pb

from gateway.errors import ApiError
from servicekit.ids import new_id

_FRAMES_UNDER_WAY = 2
_MOST_IN_FRAME = 200
_SWEEP_SECONDS = 0.1
_REOPEN_SECONDS = 0.1

log = structlog.get_logger()


class _Ask:
    """One prediction that somebody waits for."""

    __slots__ = ("deadline", "outcome", "request")

    def __init__(self, request: pb.PredictionRequest, outcome: "asyncio.Future[pb.PredictionOutcome]", deadline: float):
        self.request = request
        self.outcome = outcome
        self.deadline = deadline


class PredictionStream:
    """Sends predictions through `PredictStream`; a context manager that keeps the stream open.

    A stream that breaks, or that a draining service ends, is opened again at once, and what it left unanswered is sent
    again: every prediction carries its own id from here, so that nothing is stored twice.
    """

    def __init__(self, stub: Any, *, wait_seconds: float, most_waiting: int) -> None:
        self._stub = stub
        self._wait_seconds = wait_seconds
        self._most_waiting = most_waiting
        self._waiting: deque[_Ask] = deque()
        self._under_way: dict[int, list[_Ask]] = {}
        self._frame_ids = itertools.count(1)
        self._may_send = asyncio.Event()
        self._broken_since: float | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._keep_open()), asyncio.create_task(self._sweep())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def predict(self, request: pb.PredictionRequest) -> pb.PredictionOutcome:
        """Returns the outcome. Raises `ApiError` when too many wait, the service is away, or it takes too long."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._broken_since is not None and now - self._broken_since > self._wait_seconds:
            raise ApiError("SERVICE_UNAVAILABLE")  # it has been away for longer than anyone may wait
        if len(self._waiting) >= self._most_waiting:
            raise ApiError("SERVICE_BUSY")
        request.prediction_id = new_id()
        ask = _Ask(request, loop.create_future(), now + self._wait_seconds)
        self._waiting.append(ask)
        self._may_send.set()
        return await ask.outcome

    async def _keep_open(self) -> None:
        while True:
            call: Any = self._stub.PredictStream()
            sending = asyncio.create_task(self._send(call))
            try:
                await call.initial_metadata()  # the service sends them at once, to say that it is there
                if not call.done():
                    self._broken_since = None
                async for answer in call:
                    self._settle(answer)
                log.info("prediction_stream_ended")
            except grpc.aio.AioRpcError as error:
                if self._broken_since is None:
                    log.warning("prediction_stream_broken", code=error.code().name, unanswered=len(self._under_way))
                    self._broken_since = asyncio.get_running_loop().time()
                await asyncio.sleep(_REOPEN_SECONDS)
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError, grpc.aio.AioRpcError, asyncio.InvalidStateError):
                    await sending
                self._put_back()

    async def _send(self, call: Any) -> None:
        while True:
            await self._may_send.wait()
            self._may_send.clear()
            while self._waiting and len(self._under_way) < _FRAMES_UNDER_WAY:
                frame = self._next_frame()
                if not frame:
                    continue
                frame_id = next(self._frame_ids)
                self._under_way[frame_id] = frame
                await call.write(pb.PredictStreamRequest(frame_id=frame_id, requests=[ask.request for ask in frame]))

    def _next_frame(self) -> list[_Ask]:
        frame: list[_Ask] = []
        while self._waiting and len(frame) < _MOST_IN_FRAME:
            ask = self._waiting.popleft()
            if not ask.outcome.done():  # whoever asked may have gone meanwhile
                frame.append(ask)
        return frame

    def _settle(self, answer: pb.PredictStreamResponse) -> None:
        for ask, outcome in zip(self._under_way.pop(answer.frame_id, ()), answer.outcomes, strict=False):
            if not ask.outcome.done():
                ask.outcome.set_result(outcome)
        if self._waiting:
            self._may_send.set()

    def _put_back(self) -> None:
        for frame in reversed(self._under_way.values()):
            self._waiting.extendleft(reversed(frame))
        self._under_way.clear()
        if self._waiting:
            self._may_send.set()

    async def _sweep(self) -> None:
        """Ends the waits that have become too long. One look at all of them is cheaper than a timer for each."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = loop.time()
            reason = "DEADLINE_PASSED" if self._broken_since is None else "SERVICE_UNAVAILABLE"
            for ask in itertools.chain(self._waiting, *self._under_way.values()):
                if ask.deadline < now and not ask.outcome.done():
                    ask.outcome.set_exception(ApiError(reason))
