"""Where the replicas of a test keep their files."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from dataset_service.settings import DatasetSettings
from dataset_service.storage.choose import storage_of
from dataset_service.storage.files import Storage
from servicekit.ids import new_id
from tests.real_bucket import BucketServer


class Place(ABC):
    """One place for files, and the settings of replicas that share it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @abstractmethod
    def settings(self, machine: str = "one") -> dict[str, Any]:
        """Returns the settings of a replica on a machine."""

    @abstractmethod
    def names(self) -> set[str]:
        """Returns the names of the files in the place."""

    @abstractmethod
    def path(self, name: str) -> Path:
        """Returns where the test finds the content of a file."""

    def copies(self, machine: str) -> set[str]:
        """Returns the names of the copies on a machine."""
        folder = self.directory / machine / "files"
        return {path.name for path in folder.iterdir()} if folder.exists() else set()

    def forget_copy(self, name: str) -> None:
        """Removes the copies of a file on all machines."""
        for path in self.directory.glob(f"*/files/{name}"):
            path.unlink()

    def storage(self, machine: str = "one", **settings: Any) -> Storage:
        """Returns the storage of a replica."""
        given = {**self.settings(machine), "least_free_bytes": 0, **settings}
        return storage_of(DatasetSettings(DATABASE_URL="postgresql://", **given))


class FolderPlace(Place):
    """A folder that all machines share."""

    def settings(self, machine: str = "one") -> dict[str, Any]:
        return {"files": f"file://{self.directory / 'shared'}"}

    def names(self) -> set[str]:
        return {path.name for path in (self.directory / "shared").iterdir()} - {"lock"}

    def path(self, name: str) -> Path:
        return self.directory / "shared" / name


class BucketPlace(Place):
    """A part of a bucket; each machine has its own cache."""

    def __init__(self, directory: Path, server: BucketServer) -> None:
        super().__init__(directory)
        self.server = server
        self._prefix = new_id()

    def settings(self, machine: str = "one") -> dict[str, Any]:
        return {**self.server.settings(self._prefix), "cache_directory": self.directory / machine}

    def names(self) -> set[str]:
        return self.server.names(self._prefix)

    def path(self, name: str) -> Path:
        return self.server.objects / self._prefix / name
