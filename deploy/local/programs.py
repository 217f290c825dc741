"""The programs that run without Docker."""

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from deploy.local.embedded_postgres import EmbeddedPostgres
from deploy.local.embedded_valkey import EmbeddedValkey
from deploy.local.readiness import answers, grpc_serves, in_thread, is_usable, reacts, touches
from deploy.local.schema_version import is_migrated
from deploy.local.settings import REPOSITORY, LocalSettings, kept_password
from deploy.local.supervisor import Program
from servicekit.probe import NotServing, probe_file, probe_grpc, probe_http

_SERVICES = {
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
    """Returns the programs in the order they are started; they are stopped in reverse."""
    servers, database_url, redis_url = _servers(settings)
    ports = {"prediction": settings.prediction_port, "dataset": settings.dataset_port, "chat": settings.chat_port}
    shared = _NO_KEY | {
        "GRPC_ENABLE_FORK_SUPPORT": "0",  # no program uses gRPC after a fork
        "LOG_FORMAT": os.environ.get("LOG_FORMAT") or "console",
        "LOG_LEVEL": settings.log_level,
        "STATE_DIR": str(settings.state),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        **{f"{name.upper()}_PORT": str(port) for name, port in ports.items()},
        **{f"{name.upper()}_TARGET": f"127.0.0.1:{port}" for name, port in ports.items()},
    }
    extra = {
        "chat": {
            "ANTHROPIC_BASE_URL": settings.anthropic_base_url or "",
            "CHAT_MODEL": settings.chat_model or "",
        },
        "dataset": {"DATASET_DEMO": os.environ.get("DATASET_DEMO") or "true"},
    }
    origins = ",".join(f"http://{host}:{settings.streamlit_port}" for host in ("localhost", "127.0.0.1"))
    gateway = {
        "GATEWAY_PORT": str(settings.gateway_port),
        "GATEWAY_PAGE_URL": os.environ.get("GATEWAY_PAGE_URL") or f"http://localhost:{settings.streamlit_port}",
        "GATEWAY_ALLOWED_ORIGINS": os.environ.get("GATEWAY_ALLOWED_ORIGINS") or origins,
    }
    page = {
        "STREAMLIT_PORT": str(settings.streamlit_port),
        "BACKEND_URL": page_backend(settings),
        "LOG_FORMAT": os.environ.get("LOG_FORMAT") or "console",
        "LOG_LEVEL": settings.log_level,
        "ANTHROPIC_API_KEY": settings.anthropic_api_key.get_secret_value() if settings.anthropic_api_key else "",
    }
    page_health = f"http://127.0.0.1:{settings.streamlit_port}/_stcore/health"
    alive_file = settings.state / "run" / "worker.alive"
    alembic = ("-m", "alembic", "-c", str(REPOSITORY / "migrations" / "alembic.ini"), "upgrade", "head")
    after_servers = [server.name for server in servers]
    return [
        *servers,
        Program(
            "migrations",
            _python(*alembic),
            shared,
            after_servers,
            is_step=True,
            is_done=lambda: is_migrated(database_url),
        ),
        *(
            Program(
                name,
                _python("-m", f"{name}_service"),
                shared | extra.get(name, {}),
                ["migrations"],
                grpc_serves(ports[name], grpc_name),
                answers=reacts(partial(probe_grpc, f"127.0.0.1:{ports[name]}", "")),
            )
            for name, grpc_name in _SERVICES.items()
        ),
        Program(
            "worker",
            _python("-m", "worker"),
            shared | {"WORKER_ALIVE_FILE": str(alive_file)},
            after_servers,
            touches(alive_file, _WORKER_SILENT_SECONDS),  # an earlier check would log a warning
            answers=in_thread(lambda: not _is_worker_silent(alive_file, ports["prediction"])),
        ),
        Program(
            "gateway",
            _python("-m", "gateway"),
            shared | gateway,
            (),
            is_usable(settings.gateway_port),
            asked_after=[*_SERVICES, "worker"],
            answers=reacts(partial(probe_http, f"http://127.0.0.1:{settings.gateway_port}/health/live")),
        ),
        Program(
            "page",
            _python("-m", "streamlit_client"),
            page,
            (),
            answers(page_health),
            answers=reacts(partial(probe_http, page_health)),
        ),
    ]


def page_backend(settings: LocalSettings) -> str:
    """Returns the gateway URL of the page: the configured one, or that of the gateway started here."""
    return settings.backend_url or f"http://localhost:{settings.gateway_port}"


def _servers(settings: LocalSettings) -> tuple[list[Program], str, str]:
    found: list[Program] = []
    if settings.database_url is not None:
        database_url = settings.database_url.get_secret_value()
    else:
        password = kept_password(settings.state / "postgres.password")
        postgres = EmbeddedPostgres(settings.state / "postgres", settings.postgres_port, password)
        found.append(_server("postgres", postgres))
        database_url = postgres.url
    if settings.redis_url is not None:
        redis_url = settings.redis_url.get_secret_value()
    else:
        password = kept_password(settings.state / "valkey.password")
        valkey = EmbeddedValkey(settings.state / "valkey", settings.redis_port, password)
        found.append(_server("valkey", valkey))
        redis_url = valkey.url
    return found, database_url, redis_url


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
