"""The whole stack, as run by `scripts/up`, for end-to-end benchmarks."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg2

from deploy.local.programs import embedded_postgres
from deploy.local.settings import LocalSettings
from scripts.benchmarks.processes import ProgramFailed, answers, free_port, running

_PORTS = ("GATEWAY", "STREAMLIT", "PREDICTION", "CHAT", "DATASET", "POSTGRES", "REDIS")
_EXAMPLE_SECONDS = 300.0
# Variables of the user's own stack must not affect this one.
_NOT_OURS = ("DATABASE_URL", "REDIS_URL", "BACKEND_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CHAT_MODEL")


@dataclass(frozen=True, slots=True)
class WholeStack:
    """A running stack: URLs of its gateway, its page and its database, its state folder, and its ports by program."""

    api: str
    page: str
    database_url: str
    state: Path
    ports: Mapping[str, int] = field(default_factory=dict)

    def pids(self, *programs: str) -> tuple[int, ...]:
        """Returns the process ids of some programs, for example `dataset`."""
        ids = self.process_ids()
        return tuple(ids[program] for program in programs)

    def process_ids(self) -> Mapping[str, int]:
        """Returns the process ids of all programs by name."""
        return {file.stem: int(file.read_text()) for file in (self.state / "run").glob("*.pid")}

    def query(self, statement: str) -> str:
        """Returns the only value of an SQL statement, as text."""
        with closing(psycopg2.connect(self.database_url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            (value,) = cursor.fetchone() or (None,)
            return str(value)

    def example_dataset(self) -> str:
        """Returns the id of the example dataset, which is stored shortly after the start."""
        deadline = time.monotonic() + _EXAMPLE_SECONDS
        while time.monotonic() < deadline:
            for dataset in httpx.get(f"{self.api}/api/datasets", trust_env=False).json()["datasets"]:
                return str(dataset["dataset_id"])
            time.sleep(0.2)
        raise ProgramFailed("The example dataset was not stored.")

    def is_healthy(self) -> bool:
        """Tells whether the gateway reports all parts as healthy and the page answers."""
        try:
            health = httpx.get(f"{self.api}/health", timeout=2.0, trust_env=False).json()
            return bool(health["status"] == "healthy") and answers(f"{self.page}/_stcore/health")
        except (httpx.HTTPError, ValueError):
            return False


@contextmanager
def running_whole_stack(directory: Path, environment: Mapping[str, str] = {}) -> Iterator[WholeStack]:
    """Yields a stack on free ports whose state is in the folder."""
    ports = {f"{name}_PORT": str(free_port()) for name in _PORTS}
    api, page = (f"http://127.0.0.1:{ports[port]}" for port in ("GATEWAY_PORT", "STREAMLIT_PORT"))
    state = directory / "stack"
    database = embedded_postgres(LocalSettings(state_dir=state, postgres_port=int(ports["POSTGRES_PORT"])))
    stack = WholeStack(api, page, database.url, state, {name.lower(): int(ports[f"{name}_PORT"]) for name in _PORTS})
    settings = dict.fromkeys(_NOT_OURS, "") | ports | {"STATE_DIR": str(stack.state), "DATASET_DEMO": "false"}
    with running(
        [sys.executable, "-m", "deploy.local", "--env-file", os.devnull], stack.is_healthy,
        log=directory / "stack.log", environment=settings | dict(environment),
    ):  # fmt: skip
        yield stack
