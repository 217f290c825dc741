"""The real gateway as a page sees it; tests can watch its calls, and fail, refuse or hold up single ones.

Trouble is announced for a path, `/health`, or for one method of it, `GET /health`.
"""

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from tests.real_servers import REPOSITORY

_HOP_BY_HOP = ("connection", "content-length", "date", "server", "transfer-encoding")


class _Process:
    """The process of the gateway; it ends with this one."""

    def __init__(self) -> None:
        argv = [sys.executable, "-m", "tests.ui.gateway_process"]
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=REPOSITORY
        )
        self.port = int(self._read())

    def call(self, method: str, **arguments: Any) -> Any:
        assert self._process.stdin
        print(json.dumps([method, arguments]), file=self._process.stdin, flush=True)
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the gateway has ended"
        return json.loads(line)


_process = cache(_Process)  # starting it takes seconds


class RealGateway:
    """Listens on a free port until stopped; may be started again on the same port. A new one remembers nothing."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.queries: list[str] = []
        self.back_end_port = _process().port
        self._call("reset")
        self._troubles: dict[str, list[Callable[[Any], object]]] = defaultdict(list)
        self._released = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self.connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listens."""
        handler = type("Handler", (_Handler,), {"gateway": self})
        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._released.clear()
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes all connections, and refuses new ones from now on."""
        self._released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def answer(self, path: str, content: bytes, status: int = 200, *, kind: str = "application/json") -> None:
        """Answers the next call of a path with this."""
        self._troubles[path].append(lambda handler: handler.answer(content, status, {"Content-Type": kind}))

    def refuse(self, path: str, status: int, code: str, sentence: str, details: Sequence[Any] = ()) -> None:
        """Answers the next call of a path with an error of the contract."""
        body = {"error": sentence, "code": code, "details": details, "request_id": "fake-request-id"}
        self.answer(path, json.dumps(body).encode(), status)

    def hang(self, path: str) -> None:
        """Keeps silent at the next call of a path, until stopped."""
        self._troubles[path].append(lambda handler: self._released.wait())

    def drip(self, path: str) -> None:
        """Answers the next call of a path with a byte now and then, never to the end."""
        self._troubles[path].append(lambda handler: handler.drip(self._released))

    def cut(self, path: str) -> None:
        """Takes the next request of a path and closes the connection without an answer."""
        self._troubles[path].append(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR))

    def calls(self, method: str, path: str) -> list[Any]:
        """Returns the bodies of the calls so far."""
        return [body for called, at, _, body in self.requests if (called, at) == (method, path)]

    def take_trouble(self, method: str, path: str) -> Callable[[Any], object] | None:
        """Returns the trouble that waits for this call."""
        troubles = self._troubles[path] or self._troubles[f"{method} {path}"]
        return troubles.pop(0) if troubles else None

    def set_health(self, status: str) -> None:
        """Makes the back end `healthy`, `degraded` or `unhealthy`."""
        self._call("set_health", status=status)

    def set_pace(self, items_per_poll: int) -> None:
        """Sets how many accidents of a batch are predicted when it is looked at; by default all."""
        self._call("set_pace", items_per_poll=items_per_poll)

    def add_batch(self, accidents: Sequence[Mapping[str, Any]], *, done: int = 0, is_cancelled: bool = False) -> str:
        """Stores a batch of which so many accidents are predicted, and returns its id."""
        accidents = [dict(accident) for accident in accidents]
        return str(self._call("add_batch", accidents=accidents, done=done, is_cancelled=is_cancelled))

    def forget_batches(self) -> None:
        """Deletes all batches."""
        self._call("forget_batches")

    def forget_prediction(self) -> None:
        """Deletes the newest prediction."""
        self._call("forget_prediction")

    def get(self, path: str) -> Any:
        """Returns what the gateway answers, unwatched."""
        connection = http.client.HTTPConnection("127.0.0.1", self.back_end_port)
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())

    def newest_prediction(self) -> Any:
        """Returns the latest stored prediction."""
        return self.get("/api/predictions")["predictions"][0]

    def batches(self) -> dict[str, Any]:
        """Returns all batches by id, newest first, without predicting more of them."""
        return {batch["batch_id"]: batch for batch in self.get("/api/predict/batch")["batches"]}

    def _call(self, method: str, **arguments: Any) -> Any:
        return _process().call(method, **arguments)


class _Handler(BaseHTTPRequestHandler):
    gateway: RealGateway
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each body would wait 40 ms for the acknowledgement of its headers

    def setup(self) -> None:
        super().setup()
        self.gateway.connections.add(self.connection)

    def finish(self) -> None:
        self.gateway.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def _serve(self) -> None:
        _, _, path, query, _ = urlsplit(self.path)
        self.gateway.queries.append(query)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_json = self.headers.get("Content-Type") == "application/json"
        self.gateway.requests.append((self.command, path, dict(self.headers), json.loads(raw) if is_json else raw))
        if trouble := self.gateway.take_trouble(self.command, path):
            self.close_connection = True
            trouble(self)
            return
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.back_end_port)
        connection.request(self.command, self.path, raw, dict(self.headers))
        response = connection.getresponse()
        headers = {name: value for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP}
        self.answer(response.read(), response.status, headers)
        connection.close()

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - named by the library

    def answer(self, content: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:  # or the caller would send its next request to a closed connection
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def drip(self, released: threading.Event) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not released.wait(0.05):
            try:
                self.wfile.write(b" ")
            except OSError:
                break

    def log_message(self, *_: Any) -> None:
        """Keeps quiet."""
