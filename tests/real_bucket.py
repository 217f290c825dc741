"""A real server that speaks the protocol of S3, checks signatures and keeps its objects on the disk."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pyarrow.fs as pafs

from deploy.local.child import dies_with_parent
from scripts.benchmarks.processes import free_port
from tests.eventually import wait_until

ACCESS_KEY, SECRET_KEY = "daegu", "not-a-secret"
BUCKET = "daegu"


class BucketServer:
    """The server, which a test can kill and start again; the port and the objects stay."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self.objects = directory / BUCKET

    def start(self) -> None:
        """Starts the server, and waits until it answers."""
        serve = "import sys; from nanio.cli import main; sys.exit(main())"
        port = ["--host", "127.0.0.1", "--port", str(self._port)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", serve, "serve", "--data-dir", str(self._directory), *port, "--log-level", "error"],
            env={"NANIO_ACCESS_KEY": ACCESS_KEY, "NANIO_SECRET_KEY": SECRET_KEY},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=dies_with_parent(),
        )
        wait_until(self._answers)

    def kill(self) -> None:
        """Kills the server like a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def settings(self, prefix: str) -> dict[str, Any]:
        """Returns the settings of a dataset service whose files are below a prefix."""
        return {
            "files": f"s3://{BUCKET}/{prefix}",
            "s3_endpoint": self.endpoint,
            "s3_access_key": ACCESS_KEY,
            "s3_secret_key": SECRET_KEY,
        }

    def names(self, prefix: str) -> set[str]:
        """Returns the names of the objects below a prefix."""
        folder = self.objects / prefix
        return {path.name for path in folder.iterdir()} if folder.exists() else set()

    def make_bucket(self) -> None:
        """Makes the bucket."""
        host = self.endpoint.removeprefix("http://")
        keys = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "region": "us-east-1"}
        options = {**keys, "scheme": "http", "endpoint_override": host, "allow_bucket_creation": True}
        pafs.S3FileSystem(**options).create_dir(BUCKET)

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, "The server of the bucket has ended."
        connection = HTTPConnection("127.0.0.1", self._port)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status in (HTTPStatus.OK, HTTPStatus.FORBIDDEN)
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


@contextmanager
def running_bucket(directory: Path) -> Iterator[BucketServer]:
    """Yields the server with an empty bucket."""
    server = BucketServer(directory)
    server.start()
    try:
        server.make_bucket()
        yield server
    finally:
        server.kill()
