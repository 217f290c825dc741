"""Files of a folder are whole or nameless, and replicas share the folder."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataset_service.errors import FileDamaged, StorageUnavailable
from dataset_service.storage.files import file_named, new_names
from dataset_service.storage.folder_storage import FolderStorage


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[FolderStorage]:
    storage = FolderStorage(tmp_path / "datasets")
    with storage.opened():
        yield storage


def publish(storage: FolderStorage, content: str) -> str:
    (name,) = new_names(".csv")
    storage.part_path(name).write_text(content)
    storage.publish([name])
    return name


def test_file_whose_content_changed_is_damaged(storage: FolderStorage) -> None:
    name = publish(storage, "a")
    sha256 = storage.file_hash(name)
    with storage.verified(name, sha256) as path:
        assert path.read_text() == "a"
        path.write_text("b")
    with pytest.raises(FileDamaged), storage.verified(name, sha256):
        pass


def test_replicas_share_the_folder_but_not_with_an_earlier_version_that_took_it_alone(
    storage: FolderStorage, tmp_path: Path
) -> None:
    lock_path = tmp_path / "datasets" / "lock"
    with FolderStorage(tmp_path / "datasets").opened(), lock_path.open("wb") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_folder_that_an_earlier_version_took_alone_is_left_to_it(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StorageUnavailable, match="earlier version"), FolderStorage(tmp_path).opened():
            pass


def test_folder_is_private_to_its_user(tmp_path: Path) -> None:
    with FolderStorage(tmp_path / "a" / "b").opened():
        assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


def test_check_leaves_nothing_and_fails_without_the_folder(storage: FolderStorage, tmp_path: Path) -> None:
    storage.check()
    assert set(storage.listed()) == {"lock"}
    (tmp_path / "datasets").rename(tmp_path / "elsewhere")
    with pytest.raises(StorageUnavailable):
        storage.check()


def test_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable), FolderStorage(tmp_path / "file" / "datasets").opened():
        pass


def test_names_of_files_and_of_their_parts_belong_together_and_others_to_none() -> None:
    (name,) = new_names(".parquet")
    assert file_named(name) == file_named(f"{name}.part") == name
    for other in ("lock", "demo.done", "report.csv", f"{name}.bak", f"x{name}"):
        assert file_named(other) is None
