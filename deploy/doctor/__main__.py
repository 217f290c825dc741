"""Reports what is wrong with the stack on this machine, and how to fix it: `./scripts/doctor`."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from deploy import room
from deploy.doctor import checks, texts
from deploy.doctor.checks import Finding, Verdict
from deploy.local.programs import GRPC_NAMES, database_url, redis_url, replica_names
from deploy.local.readiness import read_health
from deploy.local.schema_version import VERSIONS
from deploy.local.settings import REPOSITORY, LocalSettings, load_settings
from deploy.local.state_folder import is_locked
from servicekit.probe import probe_grpc, probe_http
from streamlit_client.server.map_assets import find_missing
from worker.settings import WorkerSettings

_HEALTH_SECONDS = 2.0
_MARKS = {Verdict.OK: texts.OK_MARK, Verdict.NOTE: texts.NOTE_MARK, Verdict.TROUBLE: texts.TROUBLE_MARK}


def main() -> int:
    """Prints each finding as it comes; the exit code is 1 if there is a problem."""
    env_file = REPOSITORY / ".env"
    try:
        settings = load_settings(env_file)
    except (OSError, UnicodeDecodeError) as error:
        said = texts.ENV_FILE_UNREADABLE.format(path=env_file, problem=error)
        return _report([Finding(texts.SETTINGS, Verdict.TROUBLE, said, texts.ENV_FILE_MEND)])
    except ValidationError as error:
        return _report(_invalid_settings(error))
    return _report(_look(settings, env_file))


def _invalid_settings(error: ValidationError) -> Iterator[Finding]:
    for problem in error.errors(include_url=False, include_input=False):  # the input may contain a password
        variable, why = str(problem["loc"][0]).upper(), problem["msg"].removeprefix("Value error, ")
        said = texts.SETTING_INVALID.format(variable=variable, problem=why)
        yield Finding(texts.SETTINGS, Verdict.TROUBLE, said, texts.SETTING_MEND)


def _look(settings: LocalSettings, env_file: Path) -> Iterator[Finding]:
    yield from checks.check_python()
    yield from checks.check_env_file(env_file)
    is_running = is_locked(settings.state)
    if is_running:
        yield Finding(texts.SERVICES, Verdict.OK, texts.STACK_RUNS.format(state=settings.state))
        yield from _look_at_what_runs(settings)
    elif health := read_health(settings.gateway_port, _HEALTH_SECONDS):
        said = texts.OTHER_STACK.format(port=settings.gateway_port)
        yield Finding(texts.SERVICES, Verdict.NOTE, said, texts.OTHER_STACK_REMEDY)
        yield from checks.check_health(health, texts.OTHER_STACK_REMEDY)
    else:
        yield Finding(texts.SERVICES, Verdict.NOTE, texts.STACK_RESTS, texts.STACK_START)
        yield from checks.check_free_ports(settings.all_ports())
        if settings.database_url is not None:
            remedy = texts.EXTERNAL_REMEDY.format(variable="DATABASE_URL")
            yield from checks.check_database(settings.database_url.get_secret_value(), remedy, VERSIONS)
        if settings.redis_url is not None:
            remedy = texts.EXTERNAL_REMEDY.format(variable="REDIS_URL")
            yield from checks.check_queue(settings.redis_url.get_secret_value(), remedy)
    yield from checks.check_model(REPOSITORY / "model")
    yield from checks.check_disk(settings.state)
    yield from _look_at_room(settings, is_running=is_running)
    yield from checks.check_memory(is_running)
    key = settings.anthropic_api_key
    yield from checks.check_key(None if key is None else key.get_secret_value())
    yield from checks.check_font()
    yield from checks.check_map(find_missing)


def _look_at_what_runs(settings: LocalSettings) -> Iterator[Finding]:
    logs = settings.state / "logs"
    http_ports = {"gateway": ("GATEWAY_PORT", "health/live"), "page": ("STREAMLIT_PORT", "_stcore/health")}
    for name, (variable, path) in http_ports.items():
        port = settings.ports()[variable]
        asks = partial(probe_http, f"http://127.0.0.1:{port}/{path}")
        yield from checks.check_port(variable, port, name, asks, logs / f"{name}.log")
    for service, grpc_name in GRPC_NAMES.items():
        for name, port in zip(replica_names(service, settings), settings.replica_ports(service), strict=True):
            asks = partial(probe_grpc, f"127.0.0.1:{port}", grpc_name)
            yield from checks.check_port(f"{service.upper()}_PORT", port, name, asks, logs / f"{name}.log")
    look_at = {name: texts.LOOK_AT_LOG.format(log=logs / f"{name}.log") for name in ("postgres", "valkey")}
    yield from checks.check_database(database_url(settings), look_at["postgres"], VERSIONS)
    yield from checks.check_queue(redis_url(settings), look_at["valkey"])
    health = read_health(settings.gateway_port, _HEALTH_SECONDS)
    yield from checks.check_health(health, texts.ILL_REMEDY.format(logs=logs))


def _look_at_room(settings: LocalSettings, *, is_running: bool) -> Iterator[Finding]:
    is_database_here = settings.database_url is None
    outlook = room.look(
        settings.state,
        database_url(settings) if is_running or not is_database_here else None,
        redis_url(settings) if is_running else None,
        is_database_here=is_database_here,
    )
    yield from checks.check_room(outlook, room.describe_keeping(WorkerSettings()))


def _report(findings: Iterable[Finding]) -> int:
    troubles = 0
    for finding in findings:
        troubles += finding.verdict is Verdict.TROUBLE
        print(f"{_MARKS[finding.verdict]}  {finding.subject}: {finding.said}", flush=True)  # noqa: T201
        if finding.remedy:
            print(f"{texts.REMEDY_MARK}{finding.remedy}", flush=True)  # noqa: T201
    print(texts.TROUBLES.format(count=troubles) if troubles else texts.ALL_WELL)  # noqa: T201
    return 1 if troubles else 0


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
