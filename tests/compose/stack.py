"""One compose stack of its own: project, ports and volumes are this run's, and gone afterwards."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scripts.benchmarks.processes import free_port
from tests.real_servers import REPOSITORY

COMPOSE_FILE = REPOSITORY / "deploy" / "docker-compose.yml"
PROJECT = f"daegu-test-{os.getpid()}"
TAG = "test"
IMAGE = f"daegu-public-data:{TAG}"
# What the person who runs the tests has set for their own stack must not reach this one.
_OURS = (
    "DATABASE_URL", "REDIS_URL", "CACHE_URL", "PAGE_URL", "PUBLISH_ADDRESS", "ANTHROPIC_BASE_URL", "CHAT_MODEL",
    "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE",
)  # fmt: skip
_COMMAND_SECONDS = 300.0
_LOG_LINES = "30"


class ComposeStack:
    """The stack of deploy/docker-compose.yml, and what may be done to it."""

    def __init__(self, overrides: tuple[Path, ...] = (), environment: Mapping[str, str] = {}) -> None:
        self.gateway_port, self.page_port = free_port(), free_port()
        self.api = f"http://127.0.0.1:{self.gateway_port}"
        self.page = f"http://127.0.0.1:{self.page_port}"
        self._files = [word for file in (COMPOSE_FILE, *overrides) for word in ("--file", str(file))]
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in _OURS},
            "APP_TAG": TAG,
            "GATEWAY_PORT": str(self.gateway_port),
            "STREAMLIT_PORT": str(self.page_port),
            **environment,
        }

    def compose(self, *words: str, seconds: float = _COMMAND_SECONDS) -> str:
        """Runs docker compose on this project and returns what it prints. Fails with what it says."""
        return run("compose", "--project-name", PROJECT, *self._files, *words, seconds=seconds, env=self._environment)

    def set(self, **variables: str) -> None:
        """Sets variables of the environment; `up` makes the containers that they concern again."""
        self._environment |= variables

    def up(self, **replicas: int) -> float:
        """Starts what does not run, waits until all is healthy, and returns the seconds it took."""
        scales = [word for service, count in replicas.items() for word in ("--scale", f"{service}={count}")]
        started = time.monotonic()
        try:
            self.compose("up", "--detach", "--wait", "--no-build", *scales)
        except AssertionError as failure:
            failure.add_note(self.logs())
            raise
        return time.monotonic() - started

    def roll(self, *services: str) -> None:
        """Replaces the containers of some services one at a time. Fails with what the script says."""
        command = [sys.executable, "-m", "deploy.rolling", "--compose", "--project-name", PROJECT, *self._files]
        done = subprocess.run(
            [*command, *services], cwd=REPOSITORY, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"

    def down(self, *, forget: bool = False) -> None:
        """Removes the containers; the volumes only when all is to be forgotten."""
        self.compose("down", "--timeout", "30", *(["--volumes"] if forget else []))

    def logs(self, *services: str, lines: str = _LOG_LINES) -> str:
        """Returns the last lines of the services, of all if none is named."""
        return self.compose("logs", "--no-color", "--tail", lines, *services)

    def log_lines(self, service: str) -> list[str]:
        """Returns what the first container of a service has written since it was last started."""
        container = self.containers(service)[0]
        since = self.inspect(container)["State"]["StartedAt"]
        return run("logs", "--since", since, container, with_stderr=True).splitlines()

    def containers(self, service: str = "") -> list[str]:
        """Returns the ids of the running containers of a service, of all if none is named."""
        return self.compose("ps", "--quiet", *([service] if service else [])).split()

    def inspect(self, container: str) -> dict[str, Any]:
        """Returns what the engine knows of a container."""
        found: dict[str, Any] = json.loads(run("inspect", container))[0]
        return found

    def kill(self, container: str) -> None:
        """Ends the container's process as a crash would.

        `docker kill` would not do: the engine takes it for the wish that it stay away. So it is a process beside it
        that kills, which sees the engine's processes.
        """
        pid = self.inspect(container)["State"]["Pid"]
        assert pid, "it does not run"
        script = f"import os, signal; os.kill({pid}, signal.SIGKILL)"
        run("run", "--rm", "--pid=host", "--user=0", "--network=none", IMAGE, "python", "-S", "-c", script)

    def exec(self, service: str, *words: str) -> str:
        """Runs a program in a container of a service and returns what it prints."""
        return run("exec", self.containers(service)[0], *words)


def run(
    *words: str,
    seconds: float = _COMMAND_SECONDS,
    env: Mapping[str, str] | None = None,
    with_stderr: bool = False,
) -> str:
    """Runs docker and returns what it prints. Fails with what it says."""
    done = subprocess.run(
        ["docker", *words], cwd=REPOSITORY, env=env, timeout=seconds, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(words)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr if with_stderr else done.stdout


def seconds_until(is_true: Callable[[], bool], at_most: float) -> float:
    """Returns how long it took to become true. Fails when it takes longer than allowed."""
    started = time.monotonic()
    while not is_true():
        waited = time.monotonic() - started
        assert waited < at_most, f"not yet after {waited:.1f} s"
        time.sleep(0.05)
    return time.monotonic() - started
