"""Real servers shared by all tests, started on first use, one of each per run; and a time limit."""

import gc
import importlib
import os
import sys
from collections.abc import Generator, Iterator
from functools import cache
from typing import Any

import pytest
import redis
import structlog
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from tests.patience import PATIENT
from tests.real_servers import Postgres, ServerProcess, running_postgres, running_valkey
from tests.time_limit import time_limit

settings.register_profile("patient", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("patient")

# Set before gRPC is imported: between fork and exec it would start threads in each child, and a process with several
# threads cannot switch to the user that PostgreSQL runs as.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
os.environ |= PATIENT
# For tests that hang: far longer than any test takes on any machine.
_TEST_SECONDS = 1200.0
# The longest start first, so that no worker runs one alone at the end. The files of each share one running stack, whose
# start costs more than most tests: so the two longest share one as well.
_LONGEST = (
    ("tests/e2e/test_for_everyone.py", "tests/e2e/test_dataset_browser.py"),
    ("tests/e2e/",),
    ("tests/ui/test_browser.py",),
    ("tests/faults/prediction_service/",),
)


class _StackScheduling(LoadFileScheduling):  # type: ignore[misc]  # comes without types
    """Schedules file by file, but files that share a stack together, so that each stack starts once."""

    def _split_scope(self, nodeid: str) -> str:
        return next((names[0] for names in _LONGEST if nodeid.startswith(names)), str(super()._split_scope(nodeid)))


# The tracebacks of structlog take seconds each, and make what waits for something else late.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keeps the million objects of all modules out of the rounds of the garbage collector: they stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: next((at for at, names in enumerate(_LONGEST) if item.nodeid.startswith(names)), len(_LONGEST))
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return _StackScheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with time_limit(_TEST_SECONDS):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with time_limit(_TEST_SECONDS):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    with time_limit(_TEST_SECONDS):
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def components_found_once() -> None:
    """Each `AppTest` would read about all installed packages, a third of a second, to find no component."""
    if "streamlit" in sys.modules:
        scanner = importlib.import_module("streamlit.components.v2.manifest_scanner")
        scanner.scan_component_manifests = cache(scanner.scan_component_manifests)  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> None:
    """Each client of httpx would read all certificates, which takes longer than most requests here."""
    transport = importlib.import_module("httpx._transports.default")
    transport.create_ssl_context = cache(transport.create_ssl_context)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running PostgreSQL. Tests that kill it start their own."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A running Valkey. Tests that kill it start their own."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """URL of a separate migrated database for the test."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def redis_url(valkey: ServerProcess) -> str:
    """URL, without a database number, of an empty Valkey."""
    client = redis.Redis.from_url(valkey.url)
    client.flushall()
    client.close()
    return valkey.url
