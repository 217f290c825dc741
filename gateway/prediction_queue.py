"""Single predictions that wait for the least busy replica of the prediction service."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from operator import attrgetter
from types import TracebackType
from typing import Self

import structlog
from daegu.prediction.v1 import prediction_pb2 as pb

from gateway.errors import ApiError
from gateway.prediction_stream import Ask, Client, PredictionStream
from servicekit import call_context
from servicekit.ids import new_id
from servicekit.targets import find_addresses

_MOST_IN_FRAME = 200
_SWEEP_SECONDS = 0.05
_LOOK_UP_SECONDS = 1.0
# A frame takes milliseconds, so this is silence; and what is left of a caller's wait is enough for another replica.
_SILENT_SECONDS = 0.4
# A frame is overdue when all its callers were refused long ago.
_OVERDUE_SECONDS = 1.0

log = structlog.get_logger()


class PredictionQueue:
    """Sends predictions through one stream to each replica; a context manager that keeps the streams open.

    The requests of a replica that dies, drains or falls silent go to another one at once. New replicas are found within
    a second.
    """

    def __init__(
        self,
        target: str,
        *,
        wait_seconds: float,
        most_waiting: int,
        silent_seconds: float = _SILENT_SECONDS,
        find_replicas: Callable[[str], Awaitable[frozenset[str]]] = find_addresses,
    ) -> None:
        self._target = target
        self._wait_seconds = wait_seconds
        self._most_waiting = most_waiting
        self._silent_seconds = silent_seconds
        self._find_replicas = find_replicas
        self._waiting: deque[Ask] = deque()  # ordered by deadline
        self._streams: dict[str, PredictionStream] = {}
        self._in_use: list[PredictionStream] = []
        self._down_since: float | None = None
        self._must_look_up = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._down_since = asyncio.get_running_loop().time()  # until the first stream opens
        self._tasks = {asyncio.create_task(self._follow_replicas()), asyncio.create_task(self._sweep())}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    @property
    def waiting(self) -> int:
        """Number of requests that no replica has been given yet."""
        return len(self._waiting)

    @property
    def replicas_in_use(self) -> int:
        """Number of replicas that get requests."""
        return len(self._in_use)

    async def predict(self, request: pb.PredictionRequest, client: Client) -> pb.PredictionOutcome:
        """Returns the outcome for `request`, whose `prediction_id` and `request_id` are set here.

        Raises `ApiError`: SERVICE_BUSY when too many are waiting, SERVICE_UNAVAILABLE when the service is down,
        DEADLINE_PASSED when it takes too long, CLIENT_GONE when the client disconnected before its request was sent.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._down_since is not None and now - self._down_since > self._wait_seconds:
            raise ApiError("SERVICE_UNAVAILABLE")  # down for longer than a request may wait
        if len(self._waiting) >= self._most_waiting:
            raise ApiError("SERVICE_BUSY")
        request.prediction_id = new_id()
        request.request_id = call_context.request_id.get()
        ask = Ask(request, client, loop.create_future(), now + self._wait_seconds)
        self._waiting.append(ask)
        self.distribute()
        return await ask.outcome

    def take(self) -> list[Ask]:
        """Returns the requests of the next frame, without those that are settled or whose client has gone.

        Replicas that can take a frame now share what is waiting. Otherwise callers that got their answers together
        would ask together and stay in one large frame, while other replicas rest.
        """
        takers = sum(stream.can_take for stream in self._in_use)
        most = min(_MOST_IN_FRAME, math.ceil(len(self._waiting) / max(1, takers)))
        asks: list[Ask] = []
        while self._waiting and len(asks) < most:
            ask = self._waiting.popleft()
            if ask.outcome.done():
                continue  # the request was cancelled, or answered by a replica that had been silent
            if ask.client.has_gone:
                ask.refuse("CLIENT_GONE")
                continue
            asks.append(ask)
        return asks

    def put_back(self, asks: Iterable[Ask]) -> None:
        """Lets requests wait again."""
        self._waiting = deque(sorted([*asks, *self._waiting], key=attrgetter("deadline")))
        self.distribute()

    def note_change(self) -> None:
        """Looks at which replicas are in use."""
        streams = [stream for stream in self._streams.values() if stream.is_open]
        self._in_use = [stream for stream in streams if not stream.is_silent] or streams
        if streams:
            self._down_since = None
        elif self._down_since is None:
            self._down_since = asyncio.get_running_loop().time()
        self._must_look_up.set()
        self.distribute()

    def distribute(self) -> None:
        """Wakes the least busy replica that can take a frame, if any requests are waiting."""
        if self._waiting:
            stream = min((one for one in self._in_use if one.can_take), key=attrgetter("load"), default=None)
            if stream is not None:
                stream.wake()

    async def _follow_replicas(self) -> None:
        is_known = True
        while True:
            self._must_look_up.clear()
            try:
                addresses = await self._find_replicas(self._target)
            except OSError as error:  # those that are known go on
                if is_known:
                    log.warning("prediction_replicas_not_found", target=self._target, error=repr(error))
                is_known = False
            else:
                is_known = True
                self._use(addresses)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_UP_SECONDS):
                    await self._must_look_up.wait()

    def _use(self, addresses: frozenset[str]) -> None:
        for stream in self._streams.values():  # one that is no longer listed is used until it ends
            stream.is_wanted = stream.address in addresses
        for address in sorted(addresses - self._streams.keys()):
            stream = self._streams[address] = PredictionStream(address, self)
            task = asyncio.create_task(stream.keep_open())
            self._tasks.add(task)
            task.add_done_callback(partial(self._forget, address))

    def _forget(self, address: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        del self._streams[address]

    async def _sweep(self) -> None:
        """Looks after what waits too long. One periodic pass is cheaper than a timer for each request."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = asyncio.get_running_loop().time()
            reason = "DEADLINE_PASSED" if self._down_since is None else "SERVICE_UNAVAILABLE"
            while self._waiting and self._waiting[0].deadline < now:
                self._waiting.popleft().refuse(reason)
            self._leave_out_silent(now - self._silent_seconds)
            for stream in self._streams.values():
                stream.refuse_expired(now, reason)
                stream.renew_if_overdue(now - self._wait_seconds - _OVERDUE_SECONDS)

    def _leave_out_silent(self, since: float) -> None:
        silent = [stream for stream in self._in_use if stream.unanswered_since < since]
        if 0 < len(silent) < len(self._in_use):  # if all are, they wait for the same: others would help none
            for stream in silent:
                stream.leave_out()
            self.note_change()
