"""The project's programs as real processes, which a test can kill, stop and start again.

    with service("prediction", tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url) as prediction:
        with worker(tmp_path, prediction.target, redis_url): ...

Each ends with the tests. Its output is in `<directory>/<name>.log`, and the last lines are part of every failure here.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import grpc
import redis
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.local.child import dies_with_parent
from scripts.benchmarks.processes import free_port
from tests.patience import PATIENCE_SECONDS
from tests.real_servers import REPOSITORY

_PROBE_EVERY_SECONDS = 0.02
_PROBE_SECONDS = 10.0
_TAIL_LINES = 40
GRPC_NAMES = {
    "prediction": "daegu.prediction.v1.PredictionService",
    "dataset": "daegu.dataset.v1.DatasetService",
    "chat": "daegu.chat.v1.ChatService",
}

ReadyCheck = Callable[[], bool]


class Program:
    """One program: `python -m <module>` with an environment and a readiness check.

    A context manager: started and ready inside the block, ended after it. `start`, `kill` and `stop` can be called in
    any order and repeatedly; port and log stay the same.
    """

    def __init__(
        self, name: str, module: str, environment: Mapping[str, str], is_ready: ReadyCheck, directory: Path
    ) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self._argv = [sys.executable, "-m", module]
        self._environment = {"ANTHROPIC_API_KEY": "", **environment}
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None
        self._logged_before = 0

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if error is not None:
            error.add_note(self.log_tail())

    @property
    def pid(self) -> int:
        """Process id of the running program."""
        assert self._process, f"{self.name} does not run"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def has_answered(self) -> bool:
        """Whether it has answered a call since it was started: its callers have found it again."""
        return b"call_ended" in self.log.read_bytes()[self._logged_before :]

    def start(self, *, wait: bool = True) -> None:
        """Starts the program and, by default, waits until it is ready."""
        assert not self.is_running, f"{self.name} runs already"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._logged_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv,
                cwd=REPOSITORY,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=dies_with_parent(),
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Waits until the program is ready. Fails with the end of its log if it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not self._is_ready():
            assert self.is_running, f"{self.name} has ended.\n{self.log_tail()}"
            assert time.monotonic() < deadline, f"{self.name} was not ready in {seconds} s.\n{self.log_tail()}"
            time.sleep(_PROBE_EVERY_SECONDS)
        assert self.is_running, f"somebody else answers in place of {self.name}.\n{self.log_tail()}"

    def kill(self) -> None:
        """Kills the process like a crash, unless it has ended already."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signals the program to stop and returns its exit code. Fails with the end of its log if it does not end."""
        assert self._process, f"{self.name} does not run"
        self._process.send_signal(number)
        try:
            return self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not stop in {PATIENCE_SECONDS} s.\n{self.log_tail()}") from None
        finally:
            self.kill()

    def log_tail(self) -> str:
        """Returns the last lines of the program's output."""
        lines = self.log.read_text("utf-8", errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"--- {self.name}, last lines of {self.log}", *lines[-_TAIL_LINES:]])


class Service(Program):
    """A gRPC service on a loopback port."""

    def __init__(self, name: str, directory: Path, port: int, environment: Mapping[str, str]) -> None:
        self.port = port
        self.target = f"127.0.0.1:{port}"
        ports = {f"{name.upper()}_PORT": str(port)}
        is_ready = grpc_serves(self.target, GRPC_NAMES[name])
        super().__init__(name, f"{name}_service", {**ports, **environment}, is_ready, directory)


def service(name: str, directory: Path, **environment: str) -> Service:
    """Returns the prediction, dataset or chat service on a free port; ready once its gRPC health says SERVING."""
    return Service(name, directory, free_port(), environment)


def worker(directory: Path, prediction_target: str, redis_url: str, **environment: str) -> Program:
    """Returns the Celery worker; ready once its heartbeat has reached the broker."""
    settings = {"PREDICTION_TARGET": prediction_target, "REDIS_URL": redis_url, **environment}

    def is_ready() -> bool:
        return program.is_running and _sign_of_life(redis_url) == str(program.pid)

    program = Program("worker", "worker", settings, is_ready, directory)
    return program


def grpc_serves(target: str, name: str) -> ReadyCheck:
    """Returns a check of one name by `grpc.health.v1`."""

    def is_ready() -> bool:
        with grpc.insecure_channel(target) as channel:
            request = health_pb2.HealthCheckRequest(service=name)
            try:
                answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=_PROBE_SECONDS)
            except grpc.RpcError:
                return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    return is_ready


def http_answers(url: str) -> ReadyCheck:
    """Returns a check that is true once a GET of the URL succeeds.

    Each new client of httpx reads all certificates first: asked again and again, that slows what is starting.
    """
    address = urlsplit(url)

    def is_ready() -> bool:
        with closing(HTTPConnection(address.netloc, timeout=_PROBE_SECONDS)) as connection:
            try:
                connection.request("GET", address.path)
                return connection.getresponse().status == HTTPStatus.OK
            except (OSError, HTTPException):
                return False

    return is_ready


def _sign_of_life(redis_url: str) -> str:
    """Returns the process id in the latest worker heartbeat, or an empty text."""
    seconds = {"socket_timeout": _PROBE_SECONDS, "socket_connect_timeout": _PROBE_SECONDS}
    with redis.Redis.from_url(f"{redis_url}/0", decode_responses=True, **seconds) as client:
        try:
            return str(client.get("worker:alive") or "")
        except redis.RedisError:
            return ""
