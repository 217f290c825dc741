"""Our stack for single predictions: gateway, prediction service, PostgreSQL, as run by `scripts/up`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import httpx
import psycopg2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.local.embedded_postgres import EmbeddedPostgres
from deploy.local.embedded_valkey import EmbeddedValkey
from scripts.benchmarks.processes import Server, free_port, running

_PASSWORD = "of-a-benchmark"  # loopback only, and deleted afterwards
_SERVICE = "daegu.prediction.v1.PredictionService"
_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def running_postgres(directory: Path) -> Iterator[Server]:
    """Yields a PostgreSQL with default durability: commits are on disk."""
    server = EmbeddedPostgres(directory / "postgres", free_port(), _PASSWORD)
    server.prepare()
    with running(
        server.argv, server.is_ready,
        log=directory / "postgres.log", preexec=server.preexec, stop_signal=server.stop_signal,
    ) as process:  # fmt: skip
        yield Server(server.url, (process.pid,))


@contextmanager
def running_gateway(directory: Path, database_url: str) -> Iterator[Server]:
    """Yields a gateway in front of a prediction service; migrates the database first."""
    valkey = EmbeddedValkey(directory / "valkey", free_port(), _PASSWORD)
    valkey.prepare()
    grpc_port, http_port = free_port(), free_port()
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey.url,
        "PREDICTION_PORT": str(grpc_port),
        "PREDICTION_TARGET": f"127.0.0.1:{grpc_port}",
        "GATEWAY_PORT": str(http_port),
    }
    url = f"http://127.0.0.1:{http_port}"
    migrate = [sys.executable, "-m", "alembic", "-c", "migrations/alembic.ini", "upgrade", "head"]
    with (
        running(valkey.argv, valkey.is_ready, log=directory / "valkey.log", preexec=valkey.preexec),
        running(migrate, lambda: _is_migrated(database_url), log=directory / "alembic.log", environment=environment),
        running(
            [sys.executable, "-m", "prediction_service"], lambda: _serves(grpc_port),
            log=directory / "prediction.log", environment=environment,
        ) as prediction,
        running(
            [sys.executable, "-m", "gateway"], lambda: answers(f"{url}/api/predict/model"),
            log=directory / "gateway.log", environment=environment,
        ) as gateway,
    ):  # fmt: skip
        yield Server(url, (gateway.pid, prediction.pid))


def durability(database_url: str) -> dict[str, str]:
    """Returns the settings of PostgreSQL that decide how durable a commit is."""
    return {name: str(_value(database_url, f"SHOW {name}")) for name in _DURABILITY}


def stored(database_url: str, table: str) -> int:
    """Returns how many rows a table has."""
    return int(str(_value(database_url, f"SELECT count(*) FROM {table}")))


def answers(url: str) -> bool:
    """Tells whether a GET of the URL succeeds."""
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _value(database_url: str, question: str) -> object:
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            (value,) = cursor.fetchone() or (None,)
            return value
    finally:
        connection.close()


def _is_migrated(database_url: str) -> bool:
    try:
        return _value(database_url, "SELECT to_regclass('prediction.predictions')") is not None
    except psycopg2.OperationalError:
        return False


def _serves(port: int) -> bool:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            reply = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=_SERVICE), timeout=1.0
            )
        except grpc.RpcError:
            return False
    return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)
