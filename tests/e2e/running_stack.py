"""The whole stack as `./scripts/up` runs it, on free ports, with everything it keeps in one folder."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from deploy.local.child import dies_with_parent
from scripts.benchmarks.processes import free_port
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS
from tests.real_servers import REPOSITORY

_READY = re.compile(r"화면 +(http\S+)")
_TAIL_LINES = 60
_PORTS = ("GATEWAY", "STREAMLIT", "PREDICTION", "CHAT", "DATASET", "POSTGRES", "REDIS")
# What the person who runs the tests has set for their own stack must not reach this one.
_OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "BACKEND_URL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "CHAT_MODEL",
    "LOG_LEVEL",
)


class Stack:
    """One stack that may be stopped and started again; ports and state stay the same.

    `environment` adds variables of docs/settings.md, for example `ANTHROPIC_BASE_URL`.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str] = {}) -> None:
        self.state = directory / "state"
        self.output = directory / "output.log"
        self.ports = dict(zip(_PORTS, (free_port() for _ in _PORTS), strict=True))
        self.api = f"http://127.0.0.1:{self.ports['GATEWAY']}"
        self.page = f"http://127.0.0.1:{self.ports['STREAMLIT']}"
        self.anthropic_api_key = "sk-ant-not-a-key"  # what the person who starts the stack has in their .env
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in _OURS},
            "STATE_DIR": str(self.state),
            **{f"{name}_PORT": str(port) for name, port in self.ports.items()},
            "ANTHROPIC_API_KEY": self.anthropic_api_key,
            "CHAT_RETRY_SECONDS": "0",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def target(self, service: str) -> str:
        """Returns host:port of `prediction`, `chat` or `dataset`."""
        return f"127.0.0.1:{self.ports[service.upper()]}"

    def pid(self, program: str) -> int:
        """Returns the process id of one program of the stack, `worker` for example."""
        return int((self.state / "run" / f"{program}.pid").read_text())

    def environment_of(self, program: str) -> Mapping[str, str]:
        """Returns the environment one program was started with."""
        return psutil.Process(self.pid(program)).environ()

    def log(self, program: str) -> str:
        """Returns what one program has written so far."""
        return (self.state / "logs" / f"{program}.log").read_text(errors="replace")

    def start(self) -> None:
        """Starts everything and waits until it says where the page is."""
        self.output.parent.mkdir(parents=True, exist_ok=True)
        seen = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "--env-file", os.devnull],
                cwd=REPOSITORY,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=dies_with_parent(),
            )

        def is_ready() -> bool:
            assert self.is_running, f"the stack has ended\n{self._tail()}"
            return bool(_READY.search(self.output.read_bytes()[seen:].decode(errors="replace")))

        wait_until(is_ready, self._tail)

    @property
    def is_running(self) -> bool:
        """Whether the supervisor lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """Stops everything in order, as Ctrl-C does, and returns the exit code."""
        assert self._process
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(PATIENCE_SECONDS)
        self._process = None
        return code

    def end(self) -> None:
        """Ends whatever still runs."""
        if self._process is None:
            return
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def _tail(self) -> str:
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
