"""Files are whole or nameless, and belong to one process."""

from pathlib import Path

import pytest

from dataset_service.errors import StorageUnavailable
from dataset_service.storage.files import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path / "datasets")
    with storage.owned():
        pass
    return storage


def write_parts(storage: Storage, names: tuple[str, ...]) -> None:
    for name in names:
        storage.part_path(name).write_text(name)


def test_published_files_have_their_names_and_content(storage: Storage) -> None:
    draft = storage.new_draft(".csv", ".parquet")
    write_parts(storage, draft.names)
    storage.publish(draft)
    assert storage.names() == set(draft.names)
    assert storage.path(draft.names[0]).read_text() == draft.names[0]


def test_discarded_draft_leaves_nothing_whatever_was_there(storage: Storage) -> None:
    draft = storage.new_draft(".csv", ".parquet")
    write_parts(storage, draft.names[:1])
    storage.part_path(draft.names[1]).write_text("")
    storage.part_path(draft.names[1]).rename(storage.path(draft.names[1]))
    storage.discard(draft)
    assert (storage.names(), storage.draft_names()) == (set(), set())


def test_draft_names_are_unlike_and_known_until_they_are_let_go(storage: Storage) -> None:
    first, second = storage.new_draft(".csv"), storage.new_draft(".csv")
    assert first.names != second.names
    assert storage.draft_names() == {
        name + ending for draft in (first, second) for name in draft.names for ending in ("", ".part")
    }
    storage.let_go(first)
    assert set(second.names) < storage.draft_names()
    assert not set(first.names) & storage.draft_names()


def test_removing_what_is_gone_is_no_error(storage: Storage) -> None:
    storage.remove(["no such file"])


def test_folder_has_one_owner_at_a_time(storage: Storage, tmp_path: Path) -> None:
    other = Storage(tmp_path / "datasets")
    with storage.owned(), pytest.raises(StorageUnavailable, match="Another process"), other.owned():
        pass
    with other.owned():
        assert other.names() == set()


def test_folder_is_private_to_its_user(tmp_path: Path) -> None:
    with Storage(tmp_path / "a" / "b").owned():
        assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


def test_check_leaves_nothing_and_fails_without_the_folder(storage: Storage, tmp_path: Path) -> None:
    storage.check()
    assert storage.names() == set()
    (tmp_path / "datasets").rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        storage.check()


def test_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable), Storage(tmp_path / "file" / "datasets").owned():
        pass
