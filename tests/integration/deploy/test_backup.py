"""What `./scripts/backup` saves `./scripts/restore` brings back, into the same stack or an empty one."""

import fcntl
import io
import os
import socket
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from deploy.backup import BackupFailed, _extract, _running, restore, save
from deploy.local.programs import embedded_postgres
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


@pytest.fixture(autouse=True)
def _oldest_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tarfile as Debian 12 has it: Python 3.11.2 knows no filters."""

    def extractall(
        self: tarfile.TarFile, path: str = ".", members: None = None, *, numeric_owner: bool = False
    ) -> None:
        raise AssertionError("extracts whatever an archive holds")

    monkeypatch.setattr(tarfile.TarFile, "extractall", extractall)


@contextmanager
def asked(stack: LocalSettings) -> Iterator[psycopg2.extensions.cursor]:
    server = embedded_postgres(stack)
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
    private = (saved[1] / "daegu.dump", saved[1] / "datasets.tar", stack.state / "datasets" / FILE)
    assert all(path.stat().st_mode & 0o077 == 0 for path in private)


def test_files_elsewhere_are_saved_and_restored_there_and_those_of_a_bucket_are_not(
    saved: tuple[LocalSettings, Path], tmp_path: Path
) -> None:
    elsewhere = {"dataset_files": f"file://{tmp_path / 'files'}"}
    stack = settings(tmp_path / "state").model_copy(update=elsewhere)
    restore(stack, saved[1])
    assert [path.name for path in (tmp_path / "files").iterdir()] == [FILE]

    bucket = stack.model_copy(update={"dataset_files": "s3://daegu/files"})
    assert "s3://daegu/files에 있어" in save(bucket, tmp_path / "backup")
    assert [path.name for path in (tmp_path / "backup").iterdir()] == ["daegu.dump"]
    restore(bucket, tmp_path / "backup")


def test_what_came_after_the_backup_is_set_aside(saved: tuple[LocalSettings, Path]) -> None:
    stack, folder = saved
    with asked(stack) as cursor:
        cursor.execute("INSERT INTO notes VALUES ('나중'); CREATE TABLE later AS SELECT 1 AS one")
    (stack.state / "datasets" / FILE).write_bytes(b"changed")
    assert str(stack.state / "datasets.") in restore(stack, folder)
    assert read(stack) == ([("사고",)], b"a,b\n1,2\n")
    (aside,) = stack.state.glob("datasets.*")
    assert (aside / FILE).read_bytes() == b"changed"


@pytest.mark.parametrize(
    ("damaged", "said"), [("daegu.dump", "pg_restore 실행에 실패"), ("datasets.tar", r"datasets\.tar 파일을 풀지 못")]
)
def test_damaged_backup_changes_nothing_and_is_named(
    saved: tuple[LocalSettings, Path], tmp_path: Path, damaged: str, said: str
) -> None:
    stack, folder = saved
    for file in folder.iterdir():
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(content[:1025] if file.name == damaged else content)
    before = read(stack)
    with pytest.raises(BackupFailed, match=f"{said}.*아무것도 바꾸지 않았습니다"):
        restore(stack, tmp_path)
    assert read(stack) == before


def test_only_files_of_datasets_leave_an_archive(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "datasets.tar", "w") as archive:
        for name in ("datasets/" + FILE, "../evil", str(tmp_path / "evil"), "datasets/../../evil"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
        link = tarfile.TarInfo("datasets/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    _extract(tmp_path / "datasets.tar", tmp_path / "state" / "datasets")
    assert [path.name for path in (tmp_path / "state" / "datasets").iterdir()] == [FILE]
    assert not list(tmp_path.rglob("evil"))


def test_why_a_backup_is_not_restored_is_told(saved: tuple[LocalSettings, Path]) -> None:
    stack, folder = saved
    with socket.create_server(("127.0.0.1", 0)) as taken:
        elsewhere = LocalSettings(state_dir=stack.state, postgres_port=taken.getsockname()[1])
        with pytest.raises(BackupFailed, match="Address already in use"):
            restore(elsewhere, folder)
    with (stack.state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BackupFailed, match="실행 중입니다"):
            restore(stack, folder)
