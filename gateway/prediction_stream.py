"""One long-lived stream to one replica of the prediction service, which carries frames of predictions.

There is no timer. Up to three frames are in flight; requests that arrive meanwhile form the next frame.
"""

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import grpc
import structlog
from daegu.prediction.v1 import prediction_pb2 as pb
from daegu.prediction.v1 import prediction_pb2_grpc

from gateway.errors import ApiError
from servicekit.channel import open_stream_channel

# One is being built, one predicted and one stored: with two, half a core was idle; a fourth gained nothing.
FRAMES_UNDER_WAY = 3
_REOPEN_SECONDS = 0.05

log = structlog.get_logger()

_Call = grpc.aio.StreamStreamCall[pb.PredictStreamRequest, pb.PredictStreamResponse]


class Client(Protocol):
    """A caller waiting for a prediction."""

    has_gone: bool


class Ask:
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

    def refuse(self, reason: str) -> None:
        """Ends it without an outcome, unless it has ended."""
        if not self.outcome.done():
            self.outcome.set_exception(ApiError(reason))


class Queue(Protocol):
    """Where the asks wait that a stream takes."""

    def take(self) -> list[Ask]:
        """Returns the asks of the next frame."""

    def put_back(self, asks: Iterable[Ask]) -> None:
        """Lets asks that were not answered wait again; they may go to another replica."""

    def note_change(self) -> None:
        """Is told when a stream was opened or closed, or answers again."""

    def distribute(self) -> None:
        """Wakes a stream that can take a frame, if any asks are waiting."""


@dataclass(slots=True)
class _Frame:
    asks: Sequence[Ask]
    sent_at: float
    is_moved: bool = False


class PredictionStream:
    """The stream to the replica at `address`, kept open by `keep_open` for as long as `is_wanted`.

    A stream that breaks, or that a draining replica ends, is reopened at once, and its unanswered asks are put back.
    Nothing is stored twice, because the caller sets the id of each prediction.
    """

    def __init__(self, address: str, queue: Queue) -> None:
        self.address = address
        self.is_wanted = True
        self.is_open = False
        self.is_silent = False
        self._queue = queue
        self._frames: dict[int, _Frame] = {}
        self._last_frame_id = 0
        self._last_sent_at = self._last_answer_at = -math.inf
        self._may_send = asyncio.Event()
        self._is_writing = False
        self._is_broken = True  # not logged until it has opened once
        self._call: _Call | None = None

    @property
    def can_take(self) -> bool:
        """Whether another frame may be sent now."""
        return self.is_open and not self._is_writing and len(self._frames) < FRAMES_UNDER_WAY

    @property
    def load(self) -> tuple[int, float]:
        """How busy the replica is: the lower one gets the next frame; of two equal ones, the one that rested longer."""
        return len(self._frames), self._last_sent_at

    @property
    def unanswered_since(self) -> float:
        """Since when the replica owes an answer and has given none; infinite if it owes none."""
        first = next(iter(self._frames.values()), None)
        return math.inf if first is None else max(first.sent_at, self._last_answer_at)

    def wake(self) -> None:
        """Makes the stream take a frame."""
        self._may_send.set()

    def leave_out(self) -> None:
        """Marks a replica that does not answer, and lets its asks go to others; late answers still count."""
        log.warning("prediction_replica_silent", replica=self.address, frames_unanswered=len(self._frames))
        self.is_silent = True
        self._put_back()

    def refuse_expired(self, now: float, reason: str) -> None:
        """Refuses what was sent and has waited too long."""
        for frame in self._frames.values():
            for ask in frame.asks:
                if ask.deadline < now:
                    ask.refuse(reason)

    def renew_if_overdue(self, since: float) -> None:
        """Ends the stream if a frame was sent before `since`: a new one may work."""
        if self._call and any(frame.sent_at < since for frame in self._frames.values()):
            self._call.cancel()

    async def keep_open(self) -> None:
        """Opens the stream, again and again."""
        async with open_stream_channel(self.address) as channel:
            stub: prediction_pb2_grpc.PredictionServiceAsyncStub = prediction_pb2_grpc.PredictionServiceStub(channel)
            while self.is_wanted:
                try:
                    await self._use_one_stream(stub)
                    log.info("prediction_stream_ended", replica=self.address)
                except grpc.aio.AioRpcError as error:
                    self._tell_broken(error.code().name)
                except asyncio.CancelledError:
                    if asyncio.current_task().cancelling():  # type: ignore[union-attr]  # a task runs this
                        raise
                    self._tell_broken("CANCELLED")  # overdue
                except Exception:
                    log.exception("prediction_stream_failed")  # keep going: without streams there are no predictions
                finally:
                    self._close()
                await asyncio.sleep(_REOPEN_SECONDS)

    async def _use_one_stream(self, stub: "prediction_pb2_grpc.PredictionServiceAsyncStub") -> None:
        self._call = call = stub.PredictStream(None)
        await call.initial_metadata()  # the service sends them as soon as the stream is open
        if not call.done():
            self._open()
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

    def _open(self) -> None:
        log.info("prediction_stream_opened", replica=self.address)
        self.is_open, self._is_broken, self._is_writing = True, False, False
        self._may_send.clear()
        self._queue.note_change()

    def _close(self) -> None:
        was_open, self.is_open = self.is_open, False
        self._put_back()
        self._frames.clear()
        if was_open:
            self._queue.note_change()

    def _tell_broken(self, code: str) -> None:
        if not self._is_broken:  # it is tried many times a second
            unanswered = len(self._frames)
            log.warning("prediction_stream_broken", replica=self.address, code=code, frames_unanswered=unanswered)
            self._is_broken = True

    async def _send(self, call: _Call) -> None:
        if self.is_silent:
            await self._write(call, [])  # its answer shows that the replica works again
        while True:
            await self._may_send.wait()
            self._may_send.clear()
            asks = self._queue.take()
            if asks and not await self._write(call, asks):
                return  # the stream has ended; the reader gets the error
            self._queue.distribute()

    async def _write(self, call: _Call, asks: Sequence[Ask]) -> bool:
        self._last_frame_id += 1
        self._last_sent_at = asyncio.get_running_loop().time()
        self._frames[self._last_frame_id] = _Frame(asks, self._last_sent_at)
        self._is_writing = True
        self._queue.distribute()  # what is left may go to another replica meanwhile
        try:
            await call.write(
                pb.PredictStreamRequest(frame_id=self._last_frame_id, requests=[ask.request for ask in asks])
            )
        except (asyncio.InvalidStateError, grpc.aio.AioRpcError):
            return False
        finally:
            self._is_writing = False
        return True

    def _settle(self, answer: pb.PredictStreamResponse) -> None:
        for ask, outcome in zip(self._frames[answer.frame_id].asks, answer.outcomes, strict=True):
            if not ask.outcome.done():
                ask.outcome.set_result(outcome)
        del self._frames[answer.frame_id]
        self._last_answer_at = asyncio.get_running_loop().time()
        if self.is_silent:
            log.info("prediction_replica_answers", replica=self.address)
            self.is_silent = False
            self._queue.note_change()
        self._queue.distribute()

    def _put_back(self) -> None:
        frames = [frame for frame in self._frames.values() if not frame.is_moved]
        for frame in frames:
            frame.is_moved = True
        if frames:
            self._queue.put_back(ask for frame in frames for ask in frame.asks)
