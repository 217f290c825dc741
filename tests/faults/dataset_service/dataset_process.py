"""The dataset service as a process that a test may kill; its rows and files can be counted from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import psutil
import psycopg2
from daegu.dataset.v1 import dataset_pb2 as pb
from daegu.dataset.v1 import dataset_pb2_grpc

from scripts.benchmarks.processes import free_port
from tests.contract.dataset_service.running_service import upload_messages
from tests.patience import PATIENCE_SECONDS
from tests.processes import GRPC_NAMES, Program, grpc_serves


class DatasetProcess:
    """Starts the service, as it is or made to crash, again and again on the same rows and files."""

    def __init__(self, database_url: str, directory: Path, **environment: str) -> None:
        self.database_url = database_url
        self.storage = directory / "datasets"
        self._directory = directory
        self._armed = directory / "armed"
        self._port = free_port()
        self.target = f"127.0.0.1:{self._port}"
        self._environment = {
            "DATABASE_URL": database_url,
            "DATASET_PORT": str(self._port),
            "DATASET_STORAGE_DIRECTORY": str(self.storage),
            "DATASET_READERS": "1",
            "DATASET_DRAFT_SECONDS": "2",
            "DATASET_SWEEP_SECONDS": "0.5",
            **environment,
        }
        self.program: Program | None = None
        self.crash_at = ""

    def start(self, crash_at: str = "") -> None:
        """Starts the service and waits until it serves; with a step, `arm` makes it crash there."""
        self.end()
        self.crash_at = crash_at
        self._armed.unlink(missing_ok=True)
        module = "tests.faults.dataset_service.crashing_service" if crash_at else "dataset_service"
        environment = {**self._environment, "CRASH_AT": crash_at, "CRASH_WHEN": str(self._armed)}
        is_ready = grpc_serves(self.target, GRPC_NAMES["dataset"])
        self.program = Program(f"dataset-{self._port}", module, environment, is_ready, self._directory)
        self.program.start(wait=False)
        self.program.wait_until_ready()

    def arm(self) -> None:
        """From now on the service crashes at its step."""
        self._armed.touch()

    def end(self) -> None:
        """Kills whatever runs."""
        if self.program is not None:
            self.program.kill()

    @property
    def is_running(self) -> bool:
        """Whether the service lives."""
        return self.program is not None and self.program.is_running

    def children(self) -> list[psutil.Process]:
        """Returns the processes that read CSV files for the service."""
        assert self.program
        return psutil.Process(self.program.pid).children(recursive=True)

    @contextmanager
    def stub(self) -> Iterator[Any]:
        """Yields a stub on a new channel."""
        with grpc.insecure_channel(self.target) as channel:
            yield dataset_pb2_grpc.DatasetServiceStub(channel)

    def upload(self, content: bytes, **description: str) -> pb.UploadDatasetResponse:
        """Uploads a file."""
        messages = iter(upload_messages(content, **{"file_name": "a.csv", **description}))
        with self.stub() as stub:
            answer: pb.UploadDatasetResponse = stub.UploadDataset(messages, timeout=PATIENCE_SECONDS)
        return answer

    def call(self, method: str, request: Any) -> Any:
        """Calls a unary method."""
        with self.stub() as stub:
            return getattr(stub, method)(request, timeout=PATIENCE_SECONDS)

    def read(self, dataset_id: str) -> bytes:
        """Returns the data of a dataset as CSV."""
        request = pb.ReadDatasetRequest(dataset_id=dataset_id, format=pb.DATA_FORMAT_CSV)
        with self.stub() as stub:
            return b"".join(answer.chunk for answer in stub.ReadDataset(request, timeout=PATIENCE_SECONDS))

    def rows(self) -> list[tuple[str, str, str]]:
        """Returns id and files of every row."""
        with psycopg2.connect(self.database_url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id::text, original_file, table_file FROM dataset.datasets")
            found = cursor.fetchall()
        connection.close()
        return found

    def files(self) -> set[str]:
        """Returns the names of all files, but for the lock."""
        return {path.name for path in self.storage.iterdir()} - {"lock"} if self.storage.exists() else set()

    def files_are_those_of_the_rows(self) -> bool:
        """Tells whether every row has its files and every file its row."""
        return self.files() == {name for _, *names in self.rows() for name in names}
