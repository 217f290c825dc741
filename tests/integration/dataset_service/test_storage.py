"""The same promises, kept by a folder that processes share and by a bucket."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from dataset_service.errors import FileDamaged, StorageFull, StorageUnavailable
from dataset_service.storage.files import Storage, new_names
from tests.integration.dataset_service.places import BucketPlace, Place
from tests.real_bucket import SECRET_KEY, BucketServer, running_bucket

LARGE = os.urandom(25 << 20)  # more than one part of a multipart upload
SMALL = b"a,b\n1,2\n"


@contextmanager
def replica(place: Place, machine: str = "one", **settings: Any) -> Iterator[Storage]:
    with (storage := place.storage(machine, **settings)).opened():
        yield storage


def publish(storage: Storage, *contents: bytes) -> tuple[str, ...]:
    names = new_names(*(".csv" for _ in contents))
    for name, content in zip(names, contents, strict=True):
        storage.part_path(name).write_bytes(content)
    storage.publish(names)
    return names


def read(storage: Storage, name: str, content: bytes) -> bytes:
    with storage.verified(name, hashlib.sha256(content).hexdigest()) as path:
        return path.read_bytes()


def test_published_files_are_whole_for_every_replica(place: Place) -> None:
    with replica(place) as writer, replica(place, "two") as reader:
        names = publish(writer, SMALL, b"", LARGE)
        assert place.names() == set(reader.listed()) - {"lock"} == set(names)
        for name, content in zip(names, (SMALL, b"", LARGE), strict=True):
            assert read(writer, name, content) == read(reader, name, content) == content


def test_part_is_no_file_and_removed_files_are_gone_for_all(place: Place) -> None:
    with replica(place) as writer, replica(place, "two") as reader:
        kept, removed = publish(writer, SMALL, SMALL)
        (part,) = new_names(".csv")
        writer.part_path(part).write_bytes(SMALL)
        with pytest.raises(FileNotFoundError), reader.verified(part, ""):
            pass
        writer.remove([removed, part, "never there"])
        reader.remove([removed])
        assert place.names() == {kept}
        with pytest.raises(FileNotFoundError), reader.verified(removed, ""):
            pass


def test_file_that_is_not_what_was_written_is_damaged(place: Place) -> None:
    with replica(place) as storage, replica(place, "two") as other:
        (name,) = publish(storage, SMALL)
        place.path(name).write_bytes(b"b" * len(SMALL))
        with pytest.raises(FileDamaged), other.verified(name, hashlib.sha256(SMALL).hexdigest()):
            pass


def test_mark_is_seen_by_all(place: Place) -> None:
    with replica(place) as storage, replica(place, "two") as other:
        assert not other.is_marked("done")
        storage.mark("done")
        assert other.is_marked("done")
        storage.check()
        assert place.names() == {"done"}


WRITER = """
import sys
from dataset_service.settings import DatasetSettings
from dataset_service.storage.choose import storage_of
storage = storage_of(DatasetSettings(DATABASE_URL="postgresql://"))
with storage.opened():
    storage.part_path(sys.argv[1]).write_bytes(b"x" * (25 << 20))
    print("begins", flush=True)
    while True:
        storage.publish([sys.argv[1]])
        storage.part_path(sys.argv[1]).write_bytes(b"x" * (25 << 20))
"""


def test_writer_that_is_killed_leaves_no_half_file_and_nothing_that_the_next_does_not_remove(place: Place) -> None:
    (name,) = new_names(".csv")
    environment = {f"DATASET_{key.upper()}": str(value) for key, value in place.settings().items()}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, name], env={**os.environ, **environment}, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == b"begins\n"
        writer.send_signal(signal.SIGKILL)
    assert place.names() <= {name, f"{name}.part"}
    assert not place.path(name).exists() or place.path(name).read_bytes() == b"x" * (25 << 20)
    with replica(place) as storage:
        storage.remove([name])
        assert place.names() == set()
        assert not [path for path in place.directory.rglob(f"{name}*") if path.is_file()]


@pytest.fixture
def bucket_place(tmp_path: Path, bucket: BucketServer) -> BucketPlace:
    return BucketPlace(tmp_path, bucket)


def test_damaged_copy_is_fetched_again(bucket_place: BucketPlace) -> None:
    with replica(bucket_place) as storage:
        (name,) = publish(storage, SMALL)
        (bucket_place.directory / "one" / "files" / name).write_bytes(b"b" * len(SMALL))
        assert read(storage, name, SMALL) == SMALL


def test_copies_are_bounded_and_read_again_from_the_bucket(bucket_place: BucketPlace) -> None:
    contents = [bytes([letter]) * 1000 for letter in b"abcdef"]
    with replica(bucket_place, cache_bytes=2500) as storage:
        names = publish(storage, *contents)
        for name, content in zip(names, contents, strict=True):
            assert read(storage, name, content) == content
        assert len(storage.copies()) == 2


def test_bucket_that_is_away_is_told_and_works_again_when_it_is_back(tmp_path: Path) -> None:
    with running_bucket(tmp_path / "server") as server, replica(BucketPlace(tmp_path, server)) as storage:
        name, other = publish(storage, SMALL, SMALL)
        storage.forget_copy(other)
        server.kill()
        assert read(storage, name, SMALL) == SMALL  # there is a copy
        for call in every_call(storage, other):
            with pytest.raises(StorageUnavailable, match="NETWORK_CONNECTION") as refused:
                call()
            assert refused.value.reason == "STORAGE_UNAVAILABLE"
        server.start()
        storage.check()
        assert read(storage, other, SMALL) == SMALL


def test_wrong_keys_and_a_missing_bucket_are_told(bucket_place: BucketPlace) -> None:
    for wrong in ({"s3_secret_key": SECRET_KEY[::-1]}, {"files": "s3://no-such-bucket/x"}):
        with replica(bucket_place, **wrong) as storage:
            for call in (storage.check, lambda: publish(storage, SMALL)):
                with pytest.raises(StorageUnavailable, match="STORAGE_UNAVAILABLE"):
                    call()


def test_bucket_that_accepts_and_then_says_nothing_is_given_up(bucket_place: BucketPlace) -> None:
    with socket.socket() as silent, ExitStack() as opened:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings: dict[str, Any] = {"s3_endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}", "s3_seconds": 0.2}
        storage = opened.enter_context(replica(bucket_place, **settings))
        for call in every_call(storage, "a"):
            with pytest.raises(StorageUnavailable, match=r"No answer in 0.2 s"):
                call()


def test_full_bucket_is_told_until_it_takes_files_again(
    bucket_place: BucketPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replica(bucket_place) as storage:
        with monkeypatch.context() as full:
            full.setattr(storage, "_put", _refuse_as_full)
            for call in (lambda: publish(storage, SMALL), storage.check):
                with pytest.raises(StorageFull, match="STORAGE_FULL"):
                    call()
        storage.check()
        publish(storage, SMALL)


def _refuse_as_full(*_arguments: object) -> None:
    # What Arrow raises for the answer of MinIO.
    raise OSError("When uploading part: AWS Error UNKNOWN (HTTP status 507): XMinioStorageFull: no space left")


def every_call(storage: Storage, name: str) -> list[Any]:
    return [
        storage.check,
        lambda: publish(storage, SMALL),
        lambda: storage.file_hash(name),
        lambda: storage.remove(new_names(".csv")),
        lambda: list(storage.listed()),
        lambda: storage.mark("done"),
        lambda: storage.is_marked("done"),
    ]
