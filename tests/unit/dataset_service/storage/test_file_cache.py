"""Copies are whole and bounded, stay while they are read, and are gone for good when their file is."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dataset_service.storage.file_cache import FileCache


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[FileCache]:
    with (cache := FileCache(tmp_path, 250)).opened():
        yield cache


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[FileCache]:
    """The cache of another process in the same folder."""
    with (cache := FileCache(tmp_path, 250)).opened():
        yield cache


def writes(content: str) -> Callable[[Path], None]:
    def write(part: Path) -> None:
        part.write_text(content)

    return write


def read(cache: FileCache, name: str, size: int = 100) -> str:
    with cache.copy(name, writes(name * size)) as path:
        return path.read_text()[: len(name)]


def use_last(tmp_path: Path, name: str, seconds_ago: int) -> None:
    path = tmp_path / "files" / name
    status = path.stat()
    os.utime(path, (status.st_mtime - seconds_ago, status.st_mtime))


def test_file_is_fetched_once_for_callers_at_once_and_later(cache: FileCache, neighbour: FileCache) -> None:
    fetched, may_go_on = [], threading.Event()

    def fetch(part: Path) -> None:
        fetched.append(part)
        may_go_on.wait()
        part.write_text("x")

    def get(number: int) -> str:
        with cache.copy("a", fetch) as path:
            return path.read_text()

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(get, number) for number in range(4)]
        may_go_on.set()
        assert [answer.result() for answer in answers] == ["x"] * 4
    assert read(neighbour, "a") == "x"
    assert len(fetched) == 1


def test_least_recently_used_copies_go(cache: FileCache, tmp_path: Path) -> None:
    read(cache, "a"), read(cache, "b")
    use_last(tmp_path, "a", 500)
    use_last(tmp_path, "b", 1000)
    read(cache, "a")
    use_last(tmp_path, "b", 400)  # later than "a" was, before it was read again
    read(cache, "c")
    assert cache.names() == {"a", "c"}


def test_copy_that_any_process_reads_stays_and_the_new_one_too(cache: FileCache, neighbour: FileCache) -> None:
    with neighbour.copy("a", writes("a" * 100)) as path:
        for name in "bcd":
            read(cache, name)
        assert path.read_text() == "a" * 100
        assert cache.names() == {"a", "d"}
    assert read(cache, "e", 1000) == "e"
    assert cache.names() == {"e"}


def test_failed_fetch_leaves_nothing_and_the_next_tries_again(cache: FileCache) -> None:
    def fail(part: Path) -> None:
        part.write_text("half")
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError), cache.copy("a", fail):
        pass
    assert (cache.names(), list(cache.parts.iterdir())) == (set(), [])
    assert read(cache, "a") == "a"


def test_error_of_the_reader_is_no_reason_to_fetch_again(cache: FileCache) -> None:
    with pytest.raises(FileNotFoundError, match="of the reader"), cache.copy("a", writes("a")):
        raise FileNotFoundError("of the reader")


def test_removed_file_is_not_kept_by_one_that_was_fetching_it(cache: FileCache) -> None:
    def fetch(part: Path) -> None:
        part.write_text("x")
        cache.remove_for_good(["a"])

    with pytest.raises(FileNotFoundError), cache.copy("a", fetch):
        pass
    assert cache.names() == set()


def test_parts_of_a_process_that_crashed_are_removed_and_those_of_others_stay(cache: FileCache, tmp_path: Path) -> None:
    dead = tmp_path / "parts" / "dead"
    dead.mkdir()
    (dead / "a.part").write_text("half")
    dead.with_suffix(".lock").touch()
    (cache.parts / "mine.part").write_text("half")
    with FileCache(tmp_path, 250).opened():
        assert not dead.exists()
        assert (cache.parts / "mine.part").exists()
    assert {path.name for path in cache.parts.parent.iterdir()} == {cache.parts.name, f"{cache.parts.name}.lock"}
