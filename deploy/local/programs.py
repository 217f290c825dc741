"""The programs that run without Docker."""

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from deploy.local.embedded_postgres import EmbeddedPostgres
from deploy.local.embedded_valkey import EmbeddedValkey
from deploy.local.readiness import in_thread, is_usable, passes, reacts
from deploy.local.schema_version import is_migrated
from deploy.local.settings import REPOSITORY, LocalSettings, kept_password
from deploy.local.supervisor import Program
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
    ports = {name: settings.ports()[f"{name.upper()}_PORT"] for name in GRPC_NAMES}
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
        **{f"{name.upper()}_TARGET": f"127.0.0.1:{port}" for name, port in ports.items()},
    }  # fmt: skip
    page_health = f"http://127.0.0.1:{settings.streamlit_port}/_stcore/health"
    alive_file = settings.state / "run" / "worker.alive"
    after_servers = [server.name for server in servers]
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
        *(
            Program(
                name,
                _python("-m", f"{name}_service"),
                shared,
                ["migrations"],
                passes(partial(probe_grpc, f"127.0.0.1:{ports[name]}", grpc_name)),
                answers=reacts(partial(probe_grpc, f"127.0.0.1:{ports[name]}", "")),
            )
            for name, grpc_name in GRPC_NAMES.items()
        ),
        Program(
            "worker",
            _python("-m", "worker"),
            shared | {"WORKER_ALIVE_FILE": str(alive_file)},
            after_servers,
            passes(partial(probe_file, alive_file, _WORKER_SILENT_SECONDS)),  # an earlier check would log a warning
            answers=in_thread(lambda: not _is_worker_silent(alive_file, ports["prediction"])),
        ),
        Program(
            "gateway",
            _python("-m", "gateway"),
            shared,
            (),
            is_usable(settings.gateway_port),
            asked_after=[*GRPC_NAMES, "worker"],
            answers=reacts(partial(probe_http, f"http://127.0.0.1:{settings.gateway_port}/health/live")),
        ),
        Program(
            "page",
            _python("-m", "streamlit_client"),
            page,
            (),
            passes(partial(probe_http, page_health)),
            answers=reacts(partial(probe_http, page_health)),
        ),
    ]


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


def _is_worker_silent(alive_file: Path, prediction_port: int) -> bool:
    """Tells whether the worker sends no heartbeat although the broker, which drives its timer, is up."""
    try:
        probe_file(alive_file, _WORKER_SILENT_SECONDS)
    except NotServing:
        with suppress(NotServing, OSError):
            probe_grpc(f"127.0.0.1:{prediction_port}", "redis")
            return True
    except OSError:  # not started, or no disk space for the file
        return False
    return False


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)
