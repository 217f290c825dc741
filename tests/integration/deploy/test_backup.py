"""What `./scripts/backup` saves `./scripts/restore` brings back, into the same stack or an empty one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from deploy.backup import BackupFailed, _running, _server, restore, save
from deploy.local.settings import LocalSettings
from scripts.benchmarks.processes import free_port

FILE = "0198.csv"


@pytest.fixture(autouse=True)
def _own_mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def settings(folder: Path) -> LocalSettings:
    return LocalSettings(state_dir=folder, postgres_port=free_port())


@contextmanager
def asked(stack: LocalSettings) -> Iterator[psycopg2.extensions.cursor]:
    server = _server(stack)
    with _running(server), closing(psycopg2.connect(server.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def read(stack: LocalSettings) -> tuple[list[tuple[str]], bytes]:
    with asked(stack) as cursor:
        cursor.execute("SELECT name FROM notes")
        return cursor.fetchall(), (stack.state / "datasets" / FILE).read_bytes()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[LocalSettings, Path]:
    """A stack, and a folder with what was saved of it while it ran."""
    directory = tmp_path_factory.mktemp("saved")
    stack = settings(directory / "state")
    (stack.state / "datasets").mkdir(parents=True)
    (stack.state / "datasets" / FILE).write_bytes(b"a,b\n1,2\n")
    (stack.state / "datasets" / "half.part").touch()
    with asked(stack) as cursor:
        cursor.execute("CREATE TABLE notes AS SELECT '사고' AS name")
        save(stack, directory / "backup")
    return stack, directory / "backup"


def test_backup_is_restored_into_an_empty_stack(saved: tuple[LocalSettings, Path], tmp_path: Path) -> None:
    stack = settings(tmp_path / "state")
    assert restore(stack, saved[1]) == "복원했습니다. ./scripts/up으로 켜세요."
    assert read(stack) == ([("사고",)], b"a,b\n1,2\n")
    assert sorted(path.name for path in (stack.state / "datasets").iterdir()) == [FILE]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (saved[1] / "daegu.dump", saved[1] / "datasets.tar"))


def test_what_came_after_the_backup_is_set_aside(saved: tuple[LocalSettings, Path]) -> None:
    stack, folder = saved
    with asked(stack) as cursor:
        cursor.execute("INSERT INTO notes VALUES ('나중'); CREATE TABLE later AS SELECT 1 AS one")
    (stack.state / "datasets" / FILE).write_bytes(b"changed")
    assert str(stack.state / "datasets.") in restore(stack, folder)
    assert read(stack) == ([("사고",)], b"a,b\n1,2\n")
    (aside,) = stack.state.glob("datasets.*")
    assert (aside / FILE).read_bytes() == b"changed"


def test_damaged_backup_changes_nothing(saved: tuple[LocalSettings, Path], tmp_path: Path) -> None:
    stack, folder = saved
    dump = (folder / "daegu.dump").read_bytes()
    (tmp_path / "daegu.dump").write_bytes(dump[: len(dump) // 2])
    (tmp_path / "datasets.tar").write_bytes((folder / "datasets.tar").read_bytes())
    before = read(stack)
    with pytest.raises(BackupFailed, match="아무것도 바꾸지 않았습니다"):
        restore(stack, tmp_path)
    assert read(stack) == before


def test_stack_that_runs_is_not_restored(saved: tuple[LocalSettings, Path]) -> None:
    stack, folder = saved
    with (stack.state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BackupFailed, match="실행 중입니다"):
            restore(stack, folder)
