"""The programs that run without Docker."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from deploy.local.embedded_postgres import EmbeddedPostgres
from deploy.local.embedded_valkey import EmbeddedValkey
from deploy.local.readiness import in_thread, is_usable, passes, reacts
from deploy.local.schema_version import is_migrated
from deploy.local.settings import REPLICA_PORTS_APART, REPOSITORY, LocalSettings, kept_password
from deploy.local.supervisor import Program, Rolls
from servicekit.probe import NotServing, probe_file, probe_grpc, probe_http

GRPC_NAMES = {
    "prediction": "daegu.prediction.v1.PredictionService",
    "dataset": "daegu.dataset.v1.DatasetService",
    "chat": "daegu.chat.v1.ChatService",
}
# Only the page uses the key: no other program gets it in its environment.
_NO_KEY = {"ANTHROPIC_API_KEY": ""}
_WORKER_SILENT_SECONDS = 10.0
# Irrelevant here: it concerns servers of many gigabytes, and ours holds the ids of a hundred batches.
_OVERCOMMIT = "Memory overcommit must be enabled"


def programs(settings: LocalSettings) -> list[Program]:
    """Returns the programs in the order they are started; they are stopped in reverse.

    They inherit the whole environment; only what differs from their defaults is set here.
    """
    servers = []
    if settings.database_url is None:
        servers.append(_server("postgres", embedded_postgres(settings)))
    if settings.redis_url is None:
        servers.append(_server("valkey", embedded_valkey(settings)))
    database = database_url(settings)
    unless_set = {
        "LOG_FORMAT": "console",
        "DATASET_DEMO": "true",
        "BACKEND_URL": settings.api_url,
        "GATEWAY_PAGE_URL": settings.page_url,
        "GATEWAY_ALLOWED_ORIGINS": f"{settings.page_url},http://127.0.0.1:{settings.streamlit_port}",
    }
    page = {
        **{name: os.environ.get(name) or value for name, value in unless_set.items()},
        **{name: str(port) for name, port in settings.ports().items()},
        "LOG_LEVEL": settings.log_level,
    }
    shared = page | _NO_KEY | {
        "GRPC_ENABLE_FORK_SUPPORT": "0",  # no program uses gRPC after a fork
        "STATE_DIR": str(settings.state),
        "DATABASE_URL": database,
        "REDIS_URL": redis_url(settings),
        **{
            f"{name.upper()}_TARGET": ",".join(f"127.0.0.1:{port}" for port in settings.replica_ports(name))
            for name in GRPC_NAMES
        },
    }  # fmt: skip
    page_health = f"http://127.0.0.1:{settings.streamlit_port}/_stcore/health"
    processes = {
        name: int(os.environ.get(name) or settings.replicas) for name in ("GATEWAY_PROCESSES", "PAGE_PROCESSES")
    }
    after_servers = [server.name for server in servers]
    services = [service for name in GRPC_NAMES for service in _services(name, settings, shared)]
    workers = list(_workers(settings, shared, after_servers))
    return [
        *servers,
        Program(
            "migrations",
            _python("-m", "alembic", "-c", str(REPOSITORY / "migrations" / "alembic.ini"), "upgrade", "head"),
            shared,
            after_servers,
            is_step=True,
            is_done=lambda: is_migrated(database),
        ),
        *services,
        *workers,
        Program(
            "gateway",
            _python("-m", "gateway"),
            shared | {"GATEWAY_PROCESSES": str(processes["GATEWAY_PROCESSES"])},
            (),
            is_usable(settings.gateway_port),
            asked_after=[program.name for program in (*services, *workers)],
            answers=reacts(partial(probe_http, f"http://127.0.0.1:{settings.gateway_port}/health/live")),
            rolls=Rolls.CHILDREN if processes["GATEWAY_PROCESSES"] > 1 else Rolls.PROCESS,
        ),
        Program(
            "page",
            _python("-m", "streamlit_client"),
            page | {"PAGE_PROCESSES": str(processes["PAGE_PROCESSES"])},
            (),
            passes(partial(probe_http, page_health)),
            answers=reacts(partial(probe_http, page_health)),
            rolls=Rolls.CHILDREN if processes["PAGE_PROCESSES"] > 1 else Rolls.PROCESS,
        ),
    ]


def replica_names(program: str, settings: LocalSettings) -> list[str]:
    """Returns the names of all replicas: `worker`, `worker-2` and so on."""
    return [program, *(f"{program}-{number}" for number in range(2, settings.replicas + 1))]


def _services(name: str, settings: LocalSettings, environment: Mapping[str, str]) -> Iterator[Program]:
    for number, port in enumerate(settings.replica_ports(name)):
        yield Program(
            replica_names(name, settings)[number],
            _python("-m", f"{name}_service"),
            {**environment, f"{name.upper()}_PORT": str(port), **_metrics_port(name, number)},
            ["migrations"],
            passes(partial(probe_grpc, f"127.0.0.1:{port}", GRPC_NAMES[name])),
            answers=reacts(partial(probe_grpc, f"127.0.0.1:{port}", "")),
            rolls=Rolls.PROCESS,
        )


def _workers(settings: LocalSettings, environment: Mapping[str, str], after: Sequence[str]) -> Iterator[Program]:
    run, prediction_port = settings.state / "run", settings.prediction_port
    for number, name in enumerate(replica_names("worker", settings)):
        alive_file = run / f"{name}.alive"
        yield Program(
            name,
            _python("-m", "worker"),
            {**environment, "WORKER_ALIVE_FILE": str(alive_file), **_metrics_port("worker", number)},
            after,
            in_thread(partial(_has_listened, alive_file, run / f"{name}.pid")),
            answers=in_thread(partial(_is_worker_heard, alive_file, prediction_port)),
            rolls=Rolls.PROCESS,
        )


def _metrics_port(program: str, number: int) -> dict[str, str]:
    """Moves the metrics of further replicas, unless they take any free port."""
    variable = f"{program.upper()}_METRICS_PORT"
    first = os.environ.get(variable, "")
    return {variable: str(int(first) + number * REPLICA_PORTS_APART)} if first.isdecimal() and int(first) else {}


def embedded_postgres(settings: LocalSettings) -> EmbeddedPostgres:
    """Returns the PostgreSQL of the state folder, used unless DATABASE_URL is set."""
    password = kept_password(settings.state / "postgres.password")
    return EmbeddedPostgres(settings.state / "postgres", settings.postgres_port, password)


def embedded_valkey(settings: LocalSettings) -> EmbeddedValkey:
    """Returns the Valkey of the state folder, used unless REDIS_URL is set."""
    password = kept_password(settings.state / "valkey.password")
    return EmbeddedValkey(settings.state / "valkey", settings.redis_port, password)


def database_url(settings: LocalSettings) -> str:
    """Returns the URL of the external or the embedded PostgreSQL."""
    given = settings.database_url
    return given.get_secret_value() if given is not None else embedded_postgres(settings).url


def redis_url(settings: LocalSettings) -> str:
    """Returns the URL of the external Redis or the embedded Valkey."""
    given = settings.redis_url
    return given.get_secret_value() if given is not None else embedded_valkey(settings).url


def _server(name: str, server: EmbeddedPostgres | EmbeddedValkey) -> Program:
    return Program(
        name,
        server.argv,
        _NO_KEY,
        prepare=server.prepare,
        is_ready=in_thread(server.is_ready),
        answers=reacts(server.probe),
        unsaid=[_OVERCOMMIT],
        stop_signal=server.stop_signal,
        preexec=server.preexec,
    )


def _has_listened(alive_file: Path, pid_file: Path) -> bool:
    """Tells whether the worker has given a sign of life since it was started; an earlier one's may be seconds old."""
    try:
        return alive_file.stat().st_mtime_ns > pid_file.stat().st_mtime_ns
    except OSError:
        return False


def _is_worker_heard(alive_file: Path, prediction_port: int) -> bool:
    """Tells whether the worker sends a heartbeat, or cannot as the broker, which drives its timer, is away."""
    try:
        probe_file(alive_file, _WORKER_SILENT_SECONDS)
    except NotServing:
        with suppress(NotServing, OSError):
            probe_grpc(f"127.0.0.1:{prediction_port}", "redis")
            return False
    except OSError:  # not started, or no disk space for the file
        return True
    return True


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)
