"""All of our programs, as `scripts/up` runs them, for benchmarks that go from the gateway to the files and back."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from scripts.benchmarks.processes import free_port, running

_PORTS = ("GATEWAY", "STREAMLIT", "PREDICTION", "CHAT", "DATASET", "POSTGRES", "REDIS")
# What is set for somebody's own stack must not reach this one.
_NOT_OURS = ("DATABASE_URL", "REDIS_URL", "BACKEND_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CHAT_MODEL")


@dataclass(frozen=True, slots=True)
class WholeStack:
    """A stack that is up: where its gateway is, and the folder with all that it keeps."""

    api: str
    state: Path

    def process_id(self, program: str) -> int:
        """Returns the process id of one program, `dataset` for example."""
        return int((self.state / "run" / f"{program}.pid").read_text())


@contextmanager
def running_whole_stack(directory: Path, environment: Mapping[str, str] = {}) -> Iterator[WholeStack]:
    """Yields a stack on free ports that keeps everything in the folder."""
    ports = {f"{name}_PORT": str(free_port()) for name in _PORTS}
    stack = WholeStack(f"http://127.0.0.1:{ports['GATEWAY_PORT']}", directory / "stack")
    settings = dict.fromkeys(_NOT_OURS, "") | ports | {"STATE_DIR": str(stack.state), "DATASET_DEMO": "false"}
    with running(
        [sys.executable, "-m", "deploy.local", "--env-file", os.devnull], lambda: _is_healthy(stack.api),
        log=directory / "stack.log", environment=settings | dict(environment),
    ):  # fmt: skip
        yield stack


def _is_healthy(api: str) -> bool:
    try:
        return bool(httpx.get(f"{api}/health", timeout=2.0, trust_env=False).json()["status"] == "healthy")
    except (httpx.HTTPError, ValueError):
        return False
