"""The whole stack, as run by `scripts/up`, for end-to-end benchmarks."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from scripts.benchmarks.processes import free_port, running

_PORTS = ("GATEWAY", "STREAMLIT", "PREDICTION", "CHAT", "DATASET", "POSTGRES", "REDIS")
# Variables of the user's own stack must not affect this one.
_NOT_OURS = ("DATABASE_URL", "REDIS_URL", "BACKEND_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CHAT_MODEL")


@dataclass(frozen=True, slots=True)
class WholeStack:
    """A running stack: the URLs of its gateway and its page, and its state folder."""

    api: str
    page: str
    state: Path

    def process_id(self, program: str) -> int:
        """Returns the process id of one program, for example `dataset`."""
        return self.process_ids()[program]

    def process_ids(self) -> Mapping[str, int]:
        """Returns the process ids of all programs by name."""
        return {file.stem: int(file.read_text()) for file in (self.state / "run").glob("*.pid")}

    def is_healthy(self) -> bool:
        """Tells whether the gateway reports all parts as healthy and the page answers."""
        try:
            health, page = (_get(url) for url in (f"{self.api}/health", f"{self.page}/_stcore/health"))
            return bool(health.json()["status"] == "healthy") and page.is_success
        except (httpx.HTTPError, ValueError):
            return False


@contextmanager
def running_whole_stack(directory: Path, environment: Mapping[str, str] = {}) -> Iterator[WholeStack]:
    """Yields a stack on free ports whose state is in the folder."""
    ports = {f"{name}_PORT": str(free_port()) for name in _PORTS}
    api, page = (f"http://127.0.0.1:{ports[port]}" for port in ("GATEWAY_PORT", "STREAMLIT_PORT"))
    stack = WholeStack(api, page, directory / "stack")
    settings = dict.fromkeys(_NOT_OURS, "") | ports | {"STATE_DIR": str(stack.state), "DATASET_DEMO": "false"}
    with running(
        [sys.executable, "-m", "deploy.local", "--env-file", os.devnull], stack.is_healthy,
        log=directory / "stack.log", environment=settings | dict(environment),
    ):  # fmt: skip
        yield stack


def _get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=2.0, trust_env=False)
