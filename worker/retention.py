"""Deletes what is older than it is to be kept, a little every minute, at the services that store it."""

import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import NamedTuple

import grpc
import structlog
from daegu.retention.v1 import retention_pb2 as pb
from daegu.retention.v1 import retention_pb2_grpc

from servicekit.remote_errors import read_remote_error

_CALL_SECONDS = 10.0
# A run takes a thread of the worker from batches, and a step takes time of the database from everyone.
_RUN_SECONDS, _PAUSE = 10.0, 3.0

log = structlog.get_logger()


class Kept(NamedTuple):
    """A kind, the service that stores it, and for how many days it is kept."""

    kind: "pb.Kind.ValueType"
    channel: grpc.Channel
    days: int

    @property
    def name(self) -> str:
        """The kind in logs."""
        return pb.Kind.Name(self.kind).removeprefix("KIND_").lower()


class Retention:
    """Deletes step by step, kinds in turn, until nothing is left, the time of a run is over or the process stops.

    `is_turn` tells whether this worker is the one to run now. What a service does not answer for waits for a later run.
    """

    def __init__(self, kept: Sequence[Kept], is_turn: Callable[[], bool], stopping: Event) -> None:
        self._kept = [(kind, retention_pb2_grpc.RetentionServiceStub(kind.channel)) for kind in kept]
        self._is_turn = is_turn
        self._stopping = stopping
        self._after: dict[int, str] = {}
        self._is_hindered: set[int] = set()
        self.forgotten = 0

    def run(self) -> None:
        """Makes one run."""
        if not self._kept or not self._is_turn():
            return
        end = time.monotonic() + _RUN_SECONDS
        forgotten = dict.fromkeys((kept.name for kept, _ in self._kept), 0)
        left = list(self._kept)
        while left and time.monotonic() < end and not self._stopping.is_set():
            for one in tuple(left):
                kept, stub = one
                began = time.monotonic()
                response = self._step(kept, stub)
                if response is None or response.is_done:
                    left.remove(one)
                if response is not None:
                    forgotten[kept.name] += response.forgotten
                self._stopping.wait(_PAUSE * (time.monotonic() - began))
        self.forgotten += sum(forgotten.values())
        if any(forgotten.values()):
            log.info("retention_forgot", **forgotten)

    def _step(self, kept: Kept, stub: retention_pb2_grpc.RetentionServiceStub) -> pb.ForgetResponse | None:
        """Returns the answer of the service; None if there is none."""
        request = pb.ForgetRequest(kind=kept.kind, days=kept.days, after=self._after.get(kept.kind, ""))
        try:
            response = stub.Forget(request, timeout=_CALL_SECONDS)
        except grpc.RpcError as error:
            self._after.pop(kept.kind, None)
            if kept.kind not in self._is_hindered:
                log.warning("retention_hindered", kind=kept.name, error=str(read_remote_error(error))[:500])
            self._is_hindered.add(kept.kind)
            return None
        self._is_hindered.discard(kept.kind)
        # The next run goes on behind what this one has left, so that none reads what is deleted already.
        self._after[kept.kind] = "" if response.is_done else response.next
        return response
