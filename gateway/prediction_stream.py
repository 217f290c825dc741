"""Sends single predictions together: all that are waiting form one frame of one long-lived stream.

There is no timer. Up to three frames are in flight; requests that arrive meanwhile form the next frame.
"""

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import grpc
import structlog
from daegu.prediction.v1 import prediction_pb2 as pb
from daegu.prediction.v1 import prediction_pb2_grpc

from gateway.errors import ApiError
from servicekit.ids import new_id

# One is being built, one predicted and one stored: with two, half a core was idle; a fourth gained nothing.
FRAMES_UNDER_WAY = 3
_MOST_IN_FRAME = 200
_SWEEP_SECONDS = 0.05
_REOPEN_SECONDS = 0.05
# A frame is overdue when all its callers were refused long ago; a new stream may work.
_OVERDUE_SECONDS = 1.0
# Finite, so that the stream is reopened now and then and finds new replicas.
_STREAM_SECONDS = 3600.0

log = structlog.get_logger()

_Call = grpc.aio.StreamStreamCall[pb.PredictStreamRequest, pb.PredictStreamResponse]


class Client(Protocol):
    """A caller waiting for a prediction."""

    has_gone: bool


class _Ask:
    """One requested prediction."""

    __slots__ = ("client", "deadline", "outcome", "request")

    def __init__(
        self,
        request: pb.PredictionRequest,
        client: Client,
        outcome: "asyncio.Future[pb.PredictionOutcome]",
        deadline: float,
    ) -> None:
        self.request = request
        self.client = client
        self.outcome = outcome
        self.deadline = deadline


@dataclass(frozen=True, slots=True)
class _Frame:
    asks: list[_Ask]
    sent_at: float


class PredictionStream:
    """Sends predictions through `PredictStream`; a context manager that keeps the stream open.

    A stream that breaks, or that a draining service ends, is reopened at once, and its unanswered requests are sent
    again. Nothing is stored twice, because the id of each prediction is set here.
    """

    def __init__(
        self, stub: "prediction_pb2_grpc.PredictionServiceAsyncStub", *, wait_seconds: float, most_waiting: int
    ) -> None:
        self._stub = stub
        self._wait_seconds = wait_seconds
        self._most_waiting = most_waiting
        self._waiting: deque[_Ask] = deque()
        self._under_way: dict[int, _Frame] = {}
        self._frame_ids = itertools.count(1)
        self._may_send = asyncio.Event()
        self._call: _Call | None = None
        self._broken_since: float | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._broken_since = asyncio.get_running_loop().time()  # until it first opens
        self._tasks = [asyncio.create_task(self._keep_open()), asyncio.create_task(self._sweep())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def predict(self, request: pb.PredictionRequest, client: Client) -> pb.PredictionOutcome:
        """Returns the outcome for `request`, whose `prediction_id` is set here.

        Raises `ApiError`: SERVICE_BUSY when too many are waiting, SERVICE_UNAVAILABLE when the service is down,
        DEADLINE_PASSED when it takes too long, CLIENT_GONE when the client disconnected before its request was sent.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._broken_since is not None and now - self._broken_since > self._wait_seconds:
            raise ApiError("SERVICE_UNAVAILABLE")  # down for longer than a request may wait
        if len(self._waiting) >= self._most_waiting:
            raise ApiError("SERVICE_BUSY")
        request.prediction_id = new_id()
        ask = _Ask(request, client, loop.create_future(), now + self._wait_seconds)
        self._waiting.append(ask)
        self._may_send.set()
        return await ask.outcome

    async def _keep_open(self) -> None:
        while True:
            try:
                await self._use_one_stream()
                log.info("prediction_stream_ended")
            except grpc.aio.AioRpcError as error:
                self._mark_broken(error.code().name)
            except asyncio.CancelledError:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]  # a task runs this
                    raise
                self._mark_broken("CANCELLED")  # cancelled by the sweep
            except Exception:
                log.exception("prediction_stream_failed")  # keep going: without a stream there are no predictions
            finally:
                self._put_back()
            await asyncio.sleep(_REOPEN_SECONDS)

    async def _use_one_stream(self) -> None:
        self._call = call = self._stub.PredictStream(None, timeout=_STREAM_SECONDS)
        await call.initial_metadata()  # the service sends them as soon as the stream is open
        if not call.done() and self._broken_since is not None:
            log.info("prediction_stream_opened")
            self._broken_since = None
        sending = asyncio.create_task(self._send(call))
        sending.add_done_callback(lambda _: call.cancel())  # without the sender no further request would be answered
        try:
            async for answer in call:
                self._settle(answer)
        finally:
            sending.cancel()
            await asyncio.wait([sending])  # awaiting the task itself could not tell its cancellation from ours
            if not sending.cancelled():
                sending.result()  # raises its exception

    def _mark_broken(self, code: str) -> None:
        if self._broken_since is None:
            log.warning("prediction_stream_broken", code=code, frames_unanswered=len(self._under_way))
            self._broken_since = asyncio.get_running_loop().time()

    async def _send(self, call: _Call) -> None:
        now = asyncio.get_running_loop().time
        while True:
            await self._may_send.wait()
            self._may_send.clear()
            while self._waiting and len(self._under_way) < FRAMES_UNDER_WAY:
                asks = self._next_asks()
                if not asks:
                    continue
                frame_id = next(self._frame_ids)
                self._under_way[frame_id] = _Frame(asks, now())
                frame = pb.PredictStreamRequest(frame_id=frame_id, requests=[ask.request for ask in asks])
                try:
                    await call.write(frame)
                except (asyncio.InvalidStateError, grpc.aio.AioRpcError):
                    return  # the stream has ended; the reader gets the error

    def _next_asks(self) -> list[_Ask]:
        asks: list[_Ask] = []
        while self._waiting and len(asks) < _MOST_IN_FRAME:
            ask = self._waiting.popleft()
            if ask.outcome.done():
                continue  # the request was cancelled
            if ask.client.has_gone:
                _refuse(ask, "CLIENT_GONE")
                continue
            asks.append(ask)
        return asks

    def _settle(self, answer: pb.PredictStreamResponse) -> None:
        for ask, outcome in zip(self._under_way[answer.frame_id].asks, answer.outcomes, strict=True):
            if not ask.outcome.done():
                ask.outcome.set_result(outcome)
        del self._under_way[answer.frame_id]
        if self._waiting:
            self._may_send.set()

    def _put_back(self) -> None:
        for frame in reversed(self._under_way.values()):
            self._waiting.extendleft(reversed(frame.asks))
        self._under_way.clear()
        if self._waiting:
            self._may_send.set()

    async def _sweep(self) -> None:
        """Refuses requests that have waited too long. One periodic pass is cheaper than a timer for each."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = loop.time()
            reason = "DEADLINE_PASSED" if self._broken_since is None else "SERVICE_UNAVAILABLE"
            while self._waiting and self._waiting[0].deadline < now:  # ordered by deadline
                _refuse(self._waiting.popleft(), reason)
            for frame in self._under_way.values():
                for ask in frame.asks:
                    if ask.deadline < now:
                        _refuse(ask, reason)
            overdue_since = now - self._wait_seconds - _OVERDUE_SECONDS
            if self._call and any(frame.sent_at < overdue_since for frame in self._under_way.values()):
                self._call.cancel()


def _refuse(ask: _Ask, reason: str) -> None:
    if not ask.outcome.done():
        ask.outcome.set_exception(ApiError(reason))
