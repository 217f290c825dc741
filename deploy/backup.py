"""Backs up and restores the data of a stack without Docker: `./scripts/backup`, `./scripts/restore`.

The two files are interchangeable with those of the commands for containers in docs/운영.md.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath

import psycopg2

from deploy.local.embedded_postgres import DATABASE, USER, EmbeddedPostgres, ServerNotMade
from deploy.local.programs import embedded_postgres
from deploy.local.settings import LocalSettings, load_settings
from deploy.local.state_folder import lock, make_private

DUMP, FILES = "daegu.dump", "datasets.tar"
_RESTORED = f"{DATABASE}_restored"
_START_SECONDS = 120.0

_SAVED = "백업했습니다: {folder}\n올린 데이터와 대화가 그대로 들어 있으니 안전한 곳에 두세요."
_DONE = "복원했습니다. ./scripts/up으로 켜세요."
_ASIDE = "\n전에 있던 데이터 파일은 {aside}에 있습니다. 필요 없으면 지우세요."
_RUNS = "{state}에서 실행 중입니다. 멈춘 뒤 다시 실행하세요."
_EXTERNAL = "DATABASE_URL의 PostgreSQL은 그 서버의 도구(pg_dump, pg_restore)로 백업하고 복원하세요."
_NO_BACKUP = "{folder}에 {name} 파일이 없습니다. 백업한 폴더를 지정하세요."
_IN_BUCKET = "\n올린 파일은 {place}에 있어 함께 백업하지 않았습니다. 버킷의 버전 관리나 복제로 지키세요."
_EXISTS = "{folder}에 이미 백업이 있습니다. 다른 폴더를 지정하세요."
_NO_DATA = "{state}에 백업할 데이터가 없습니다."
_FAILED = "{what} 실행에 실패했습니다. 아무것도 바꾸지 않았습니다.\n{problem}"
_UNREADABLE = "{what} 파일을 풀지 못했습니다. 아무것도 바꾸지 않았습니다.\n{problem}"


class BackupFailed(Exception):
    """The text tells the user why."""


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="deploy.backup")
    parser.add_argument("action", choices=["save", "restore"])
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    try:
        settings = load_settings()
        if settings.database_url is not None:
            raise BackupFailed(_EXTERNAL)
        said = save(settings, given.folder) if given.action == "save" else restore(settings, given.folder)
    except (BackupFailed, ServerNotMade, OSError) as failure:
        print(failure, file=sys.stderr)  # noqa: T201
        return 1
    print(said)  # noqa: T201
    return 0


def save(settings: LocalSettings, folder: Path) -> str:
    """Writes both files into a folder, whether or not the stack is running. Raises `BackupFailed`."""
    os.umask(0o077)
    server = embedded_postgres(settings)
    if not (settings.state / "postgres").exists():
        raise BackupFailed(_NO_DATA.format(state=settings.state))
    if (folder / DUMP).exists():
        raise BackupFailed(_EXISTS.format(folder=folder))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{DUMP}.part"
    with _running(server):
        _run(server, "pg_dump", "--format=custom", f"--file={part}", DATABASE)
    # Files after rows, so that no file of a saved row is missing.
    if settings.files_folder is not None:
        with tarfile.open(folder / FILES, "w") as archive:
            archive.add(settings.files_folder, "datasets", filter=_without_drafts)
    part.rename(folder / DUMP)
    saved = _SAVED.format(folder=folder)
    return saved if settings.files_folder else saved + _IN_BUCKET.format(place=settings.dataset_files)


def restore(settings: LocalSettings, folder: Path) -> str:
    """Replaces the current data with both files, or changes nothing. Raises `BackupFailed`."""
    datasets = settings.files_folder
    for name in (DUMP, FILES) if datasets else (DUMP,):
        if not (folder / name).is_file():
            raise BackupFailed(_NO_BACKUP.format(folder=folder, name=name))
    os.umask(0o077)
    with _alone(settings.state), _running(server := embedded_postgres(settings)):
        make_private(settings.state)
        beside = datasets or settings.state / "datasets"
        fresh, aside = beside.with_name("restored"), beside.with_name(f"{beside.name}.{time.strftime('%Y%m%d-%H%M%S')}")
        shutil.rmtree(fresh, ignore_errors=True)
        _execute(server, f"DROP DATABASE IF EXISTS {_RESTORED}", f"CREATE DATABASE {_RESTORED}")
        try:
            if datasets:
                _extract(folder / FILES, fresh)
            _run(server, "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_RESTORED}", str(folder / DUMP))
        except BaseException:
            _execute(server, f"DROP DATABASE {_RESTORED}")
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        if datasets:
            if datasets.exists():
                datasets.rename(aside)
            fresh.rename(datasets)
        _execute(server, f"DROP DATABASE {DATABASE} WITH (FORCE)", f"ALTER DATABASE {_RESTORED} RENAME TO {DATABASE}")
    return _DONE + (_ASIDE.format(aside=aside) if aside.exists() else "")


def _extract(path: Path, directory: Path) -> None:
    """Extracts the files directly in `datasets`, and nothing else from the archive.

    `extractall` supports a filter only from Python 3.11.4 on; Debian 12 has 3.11.2.
    """
    directory.mkdir(parents=True)
    try:
        with tarfile.open(path) as archive:
            for entry in archive:
                name = PurePosixPath(entry.name)
                if not entry.isreg() or name.parent != PurePosixPath("datasets"):
                    continue
                with archive.extractfile(entry) as source, (directory / name.name).open("xb") as target:  # type: ignore[union-attr]
                    shutil.copyfileobj(source, target)
    except (tarfile.TarError, OSError) as error:
        raise BackupFailed(_UNREADABLE.format(what=path.name, problem=error)) from error


def _without_drafts(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if entry.name.endswith((".part", "/lock")) else entry


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    held = lock(state)
    if held is None:
        raise BackupFailed(_RUNS.format(state=state))
    with held:
        yield


@contextmanager
def _running(server: EmbeddedPostgres) -> Iterator[None]:
    """Keeps the server running within the block; starts it unless it is running already."""
    if server.is_ready():
        yield
        return
    server.prepare()
    output = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with this frame
    process = subprocess.Popen(server.argv, stdout=output, stderr=output, preexec_fn=server.preexec)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                output.seek(0)
                raise BackupFailed(_FAILED.format(what="PostgreSQL", problem=output.read().decode(errors="replace")))
            time.sleep(0.05)
        yield
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        process.wait()


def _run(server: EmbeddedPostgres, program: str, *arguments: str) -> None:
    connection = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": USER, "PGPASSWORD": server.password}
    done = subprocess.run(
        [server.tool(program), *arguments],
        env={**os.environ, **connection}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise BackupFailed(_FAILED.format(what=program, problem=done.stderr.strip()))


def _execute(server: EmbeddedPostgres, *statements: str) -> None:
    with closing(psycopg2.connect(server.url, dbname="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
