"""Files in a bucket of Amazon S3, or of any store that speaks its protocol."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.fs as pafs

from dataset_service.errors import StorageFull, StorageUnavailable, disk_error
from dataset_service.storage.file_cache import FileCache
from dataset_service.storage.files import PART_ENDING, Storage, storage_errors
from dataset_service.storage.folder_storage import require_free

_CHUNK_BYTES = 1 << 20
_CONNECT_SECONDS, _SILENT_SECONDS, _TRIES = 2.0, 5.0, 2
_CALLS_AT_ONCE = 32
# Arrow tells errors of the store only in words; these are of Amazon, MinIO, Ceph and of HTTP.
_FULL = ("XMinioStorageFull", "QuotaExceeded", "InsufficientCapacity", "HTTP status 507")
_CHECK_NAME = "check"

Result = TypeVar("Result")


class BucketStorage(Storage):
    """Files below a prefix of a bucket, read through a cache of local copies; parts are local.

    A file is published by one PUT, large ones in parts that the store joins at the end. No call lasts longer than
    `most_seconds`, and one that gets no byte fails sooner.
    """

    def __init__(
        self,
        place: str,
        options: Mapping[str, Any],
        cache: FileCache,
        *,
        most_seconds: float,
        least_free_bytes: int = 0,
    ) -> None:
        super().__init__()
        # Not all stores know the trailing checksums of newer clients; our rows have the SHA-256 of each file.
        os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
        self._files = pafs.S3FileSystem(
            **options,
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=_SILENT_SECONDS,
            retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=_TRIES),
            allow_delayed_open=True,  # small files in one request
        )
        self._place = place
        self._cache = cache
        self._most_seconds = most_seconds
        self._least_free_bytes = least_free_bytes
        self._calls = ThreadPoolExecutor(_CALLS_AT_ONCE, "bucket")
        self._was_full = False

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Opens the cache within the block. The store may be away."""
        with self._cache.opened():
            try:
                yield
            finally:
                self._calls.shutdown(wait=False, cancel_futures=True)

    def part_path(self, name: str) -> Path:
        """Returns the path of a file while it is being written."""
        return self._cache.parts / (name + PART_ENDING)

    def publish(self, names: Sequence[str]) -> None:
        """Puts parts into the bucket, and keeps them as copies: they are probably read soon."""
        for putting in [self._begin(self._put, self.part_path(name), name) for name in names]:
            self._finish(putting)
        self._was_full = False
        with storage_errors():
            for name in names:
                self._cache.keep(self.part_path(name), name)

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Yields the copy of a file."""
        return self._cache.copy(name, lambda part: self._call(self._get, name, part))

    def remove(self, names: Iterable[str]) -> None:
        """Removes files, their copies and their parts."""
        names = list(names)
        self.forget_for_good(names)
        self.remove_parts(names)
        for removing in [self._begin(self._delete, name) for name in names]:
            self._finish(removing)

    def listed(self) -> Iterator[str]:
        """Yields the names of everything below the prefix."""
        below = pafs.FileSelector(self._place, allow_not_found=True)
        yield from (found.base_name for found in self._call(self._files.get_file_info, below))

    def require_room(self) -> None:
        """Raises `STORAGE_FULL` if the disk of the parts has less than the required free space."""
        require_free(self._cache.parts, self._least_free_bytes)

    def check(self) -> None:
        """Checks the room for parts, that the bucket answers and, after it was full, that it takes files again."""
        self.require_room()
        bucket = self._place.partition("/")[0]
        if self._call(self._files.get_file_info, bucket).type is not pafs.FileType.Directory:
            raise StorageUnavailable("STORAGE_UNAVAILABLE", f"There is no bucket {bucket}.")
        if self._was_full:
            self.mark(_CHECK_NAME)
            self._was_full = False

    def mark(self, name: str) -> None:
        """Puts an empty file with this name."""
        self._call(self._put, Path(os.devnull), name)

    def is_marked(self, name: str) -> bool:
        """Whether there is a file with this name."""
        found = self._call(self._files.get_file_info, self._path(name))
        return bool(found.type is not pafs.FileType.NotFound)

    def copies(self) -> set[str]:
        """Returns the names of the files of which there are copies here."""
        return self._cache.names()

    def forget_copy(self, name: str) -> bool:
        """Removes a copy, which may be damaged; returns whether there was one."""
        return self._cache.remove(name)

    def forget_for_good(self, names: Collection[str]) -> None:
        """Removes the copies of files that are removed."""
        super().forget_for_good(names)
        with storage_errors():
            self._cache.remove_for_good(names)

    def _path(self, name: str) -> str:
        return f"{self._place}/{name}"

    def _put(self, source: Path, name: str) -> None:
        # An error of the source closes the stream, which publishes half of it; no row refers to that, so it is removed.
        with source.open("rb") as file, self._files.open_output_stream(self._path(name)) as target:
            while chunk := file.read(_CHUNK_BYTES):
                target.write(chunk)

    def _get(self, name: str, target: Path) -> None:
        try:
            with self._files.open_input_file(self._path(name)) as source, target.open("xb") as file:
                source.download(file, _CHUNK_BYTES)
        except OSError as error:
            # Removed after it was found, by another replica that has rebuilt the table.
            if error.errno is None and self._files.get_file_info(self._path(name)).type is pafs.FileType.NotFound:
                raise FileNotFoundError(name) from error
            raise

    def _delete(self, name: str) -> None:
        try:
            self._files.delete_file(self._path(name))
        except FileNotFoundError:
            pass
        except OSError:
            # After the file Arrow puts an empty one in the name of its folder, which not every store takes.
            if self._files.get_file_info(self._path(name)).type is not pafs.FileType.NotFound:
                raise

    def _call(self, work: Callable[..., Result], *arguments: Any) -> Result:
        return self._finish(self._begin(work, *arguments))

    def _begin(self, work: Callable[..., Result], *arguments: Any) -> Future[Result]:
        return self._calls.submit(work, *arguments)

    def _finish(self, call: Future[Result]) -> Result:
        """Waits for a call. One that is given up goes on in its thread until the client gives up as well."""
        try:
            return call.result(self._most_seconds)
        except TimeoutError:
            call.cancel()
            raise StorageUnavailable("STORAGE_UNAVAILABLE", f"No answer in {self._most_seconds} s.") from None
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException) as error:
            if isinstance(error, OSError) and error.errno is not None:  # of the local disk
                raise disk_error(error.errno, str(error)) from error
            if any(word in str(error) for word in _FULL):
                self._was_full = True
                raise StorageFull("STORAGE_FULL", str(error)) from error
            raise StorageUnavailable("STORAGE_UNAVAILABLE", str(error)) from error
