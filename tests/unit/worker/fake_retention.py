"""A service that deletes what is old, as the worker sees it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from daegu.retention.v1 import retention_pb2 as pb
from daegu.retention.v1 import retention_pb2_grpc


class FakeRetention(retention_pb2_grpc.RetentionServiceServicer):
    """Stores `old` rows of each kind, of which a call deletes at most two. `is_away` lets calls fail."""

    def __init__(self, **old: int) -> None:
        self.old = {getattr(pb, f"KIND_{kind.upper()}"): count for kind, count in old.items()}
        self.calls: list[tuple[str, int, str]] = []
        self.is_away = False
        self.called = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def Forget(self, request: pb.ForgetRequest, context: Any) -> pb.ForgetResponse:
        self.calls.append((pb.Kind.Name(request.kind), request.days, request.after))
        self.called.set()
        self.may_answer.wait()
        if self.is_away:
            context.abort(grpc.StatusCode.UNAVAILABLE, "as the test says")
        forgotten = min(2, self.old[request.kind])
        self.old[request.kind] -= forgotten
        return pb.ForgetResponse(
            forgotten=forgotten, next=f"behind {len(self.calls)}", is_done=not self.old[request.kind]
        )


@contextmanager
def serving(service: FakeRetention) -> Iterator[grpc.Channel]:
    """Yields a channel to a server of the service."""
    server = grpc.server(ThreadPoolExecutor(4))
    retention_pb2_grpc.add_RetentionServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(None)
