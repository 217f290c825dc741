"""Stores uploads as datasets: the files first, then the row, so that no row lacks its files."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, TypeVar

import orjson
import structlog

from dataset_service.errors import CsvRefused, DatasetDamaged, FileDamaged, StorageUnavailable
from dataset_service.reading.choices import refuse_unknown_columns
from dataset_service.reading.csv_reader import CsvReader, NewTable
from dataset_service.reading.preview import OriginalLine, Preview
from dataset_service.reading.reading import Reading
from dataset_service.settings import DatasetSettings
from dataset_service.storage.files import ORIGINAL_ENDING, TABLE_ENDING, Storage, storage_errors
from dataset_service.storage.loose_files import Draft, LooseFiles
from dataset_service.storage.store import Dataset, DatasetStore, NewDataset, Stored
from servicekit import call_context
from servicekit.errors import DatabaseUnavailable, Refused
from servicekit.ids import new_id

LARGEST_FILE_BYTES = 52_428_800  # the sentence about it says 50MB
# Increment when files are read differently than before: derived results are cached by content hash.
_READING_VERSION = 3
_LONGEST_WAIT_SECONDS = 600.0
_TEMPORARY_SECONDS = 24 * 3600
_ENDINGS = (ORIGINAL_ENDING, ".tsv", ".txt")

Result = TypeVar("Result")

log = structlog.get_logger()


@dataclass(slots=True)
class UploadOrder:
    """What to store besides the bytes; all texts are validated. Name and description are final after the bytes."""

    file_name: str
    name: str
    description: str
    encoding: str
    idempotency_key: str
    is_temporary: bool = False

    def hash_with(self, bytes_hash: str) -> str:
        """Returns the hash of everything that a repeated upload must have in common; empty without a key."""
        parts = [bytes_hash, self.file_name, self.name, self.description, self.encoding]
        parts += ["temporary"] * self.is_temporary
        return hashlib.sha256("\0".join(parts).encode()).hexdigest() if self.idempotency_key else ""


class Uploads:
    """Stores uploads, a limited number at once, and rereads stored files."""

    def __init__(
        self,
        settings: DatasetSettings,
        storage: Storage,
        loose_files: LooseFiles,
        reader: CsvReader,
        store: DatasetStore,
    ) -> None:
        self._settings = settings
        self._storage = storage
        self._loose_files = loose_files
        self._reader = reader
        self._store = store
        self._under_way = 0
        self._commits: set[asyncio.Task[Any]] = set()

    async def upload(self, order: UploadOrder, chunks: AsyncIterator[bytes]) -> Stored:
        """Stores a file. Repeating an upload with the same idempotency key returns the first dataset.

        Raises `IDEMPOTENCY_KEY_REUSED`, `UPLOADS_BUSY`, `FILE_TOO_LARGE`, `CsvRefused`, `DEADLINE_PASSED`, and
        what the iterator raises.
        If the caller leaves before the row is written, nothing is kept.
        """
        if not order.file_name.lower().endswith(_ENDINGS):
            ending = order.file_name.rpartition(".")[2][:20]
            raise CsvRefused("NOT_CSV", f"{order.file_name!r} does not end in one of {_ENDINGS}.", found=ending)
        if self._under_way >= self._settings.max_uploads:
            raise Refused("UPLOADS_BUSY", f"{self._under_way} uploads are under way.")
        self._under_way += 1
        try:
            if order.idempotency_key:
                first = await asyncio.to_thread(self._store.find_by_key, order.idempotency_key)
                if first is not None:
                    digest = hashlib.sha256()
                    async for chunk in self._until_stalled(chunks):
                        digest.update(chunk)
                    return _same_upload(*first, order.hash_with(digest.hexdigest()))
            return await self._store_new(order, chunks)
        finally:
            self._under_way -= 1

    async def reread(self, dataset_id: str, changes: Mapping[str, Any]) -> Stored:
        """Reads the original file of a dataset with other choices, and replaces its table, profile and reading.

        Choices that are not changed stay; what is not chosen is found again. Raises `CsvRefused`, also for choices
        that the file does not allow, `UPLOADS_BUSY`, and `DatasetDamaged` if the original file is damaged.
        """
        stored = await asyncio.to_thread(self._store.get_stored, dataset_id)
        chosen = stored.chosen.with_parts(changes)
        draft, table = await self._read_again(stored.dataset, chosen, self._settings.turn_seconds)
        try:
            refuse_unknown_columns(changes, table.profile.names)
        except BaseException:
            self._discard(draft)
            raise
        return await self._commit(lambda: self._replace(draft, stored.dataset, table, chosen))

    async def preview(self, dataset_id: str, changes: Mapping[str, Any]) -> tuple[Preview, Reading]:
        """Returns how the original file would be read with other choices, and what is chosen then.

        Raises what `reread` raises.
        """
        stored = await asyncio.to_thread(self._store.get_stored, dataset_id)
        chosen = stored.chosen.with_parts(changes)
        async with self._original(stored.dataset) as path:
            wait_seconds = call_context.time_left(self._settings.turn_seconds)
            preview = await self._reader.preview(path, chosen, wait_seconds=wait_seconds)
        refuse_unknown_columns(changes, preview.profile.names)
        return preview, chosen

    async def original_lines(self, dataset_id: str) -> tuple[Stored, list[OriginalLine]]:
        """Returns a dataset, and lines of its original file with what they are to its reading.

        Raises `UPLOADS_BUSY`, and `DatasetDamaged` if the original file is damaged.
        """
        stored = await asyncio.to_thread(self._store.get_stored, dataset_id)
        async with self._original(stored.dataset) as path:
            wait_seconds = call_context.time_left(self._settings.turn_seconds)
            return stored, await self._reader.original_lines(
                path, stored.reading, stored.profile.warnings, wait_seconds=wait_seconds
            )

    async def rebuild(self, dataset: Dataset) -> Stored:
        """Reads the original file of a dataset again as before, to replace a damaged table.

        Raises `DatasetDamaged`, or `TableReplaced` if the table was replaced meanwhile.
        """
        stored = await asyncio.to_thread(self._store.get_stored, dataset.id)
        draft, table = await self._read_again(dataset, stored.reading, _LONGEST_WAIT_SECONDS)
        # Warnings tell what was found; now nothing is.
        table = replace(table, profile=replace(table.profile, warnings=stored.profile.warnings))
        return await self._commit(
            lambda: self._replace(draft, dataset, table, stored.chosen, only_for=dataset.table_file)
        )

    async def finish(self) -> None:
        """Waits for rows being written, and files being removed."""
        await asyncio.gather(*self._commits, return_exceptions=True)

    async def _store_new(self, order: UploadOrder, chunks: AsyncIterator[bytes]) -> Stored:
        await asyncio.to_thread(self._storage.require_room)
        draft = await asyncio.to_thread(self._loose_files.begin, ORIGINAL_ENDING, TABLE_ENDING)
        original, table = draft.names
        try:
            size_bytes, bytes_hash = await self._receive(self._storage.part_path(original), chunks)
            chosen = Reading(encoding=order.encoding)
            new_table = await self._read(self._storage.part_path(original), table, chosen, _LONGEST_WAIT_SECONDS)
        except BaseException as error:
            self._discard(draft)
            if isinstance(error, FileNotFoundError):  # no other process removes a draft: its folder is lost
                raise StorageUnavailable("STORAGE_UNAVAILABLE", f"An upload has vanished: {error}") from error
            raise
        new = NewDataset(
            id=new_id(),
            name=order.name,
            description=order.description,
            file_name=order.file_name,
            original_file=original,
            table_file=table,
            size_bytes=size_bytes,
            bytes_hash=bytes_hash,
            content_hash=_content_hash(bytes_hash, new_table),
            chosen=chosen,
            idempotency_key=order.idempotency_key or None,
            request_hash=order.hash_with(bytes_hash),
            kept_seconds=_TEMPORARY_SECONDS if order.is_temporary else None,
        )
        return await self._commit(lambda: self._create(draft, new, new_table))

    async def _read_again(self, dataset: Dataset, wanted: Reading, most_seconds: float) -> tuple[Draft, NewTable]:
        draft = await asyncio.to_thread(self._loose_files.begin, TABLE_ENDING)
        try:
            async with self._original(dataset) as path:
                return draft, await self._read(path, draft.names[0], wanted, most_seconds)
        except BaseException:
            self._discard(draft)
            raise

    @asynccontextmanager
    async def _original(self, dataset: Dataset) -> AsyncIterator[Path]:
        """Yields the untouched upload. Raises `DatasetDamaged` unless it is what was uploaded."""
        original = dataset.original_file
        try:
            with ExitStack() as opened:
                verified = self._storage.verified(original, dataset.bytes_hash)
                yield await asyncio.to_thread(opened.enter_context, verified)
        except FileDamaged:
            raise DatasetDamaged(
                "DATASET_DAMAGED", f"{original} is not what was uploaded.", dataset_id=dataset.id
            ) from None
        except FileNotFoundError:
            await asyncio.to_thread(self._store.get, dataset.id)  # raises if it was deleted meanwhile
            await asyncio.to_thread(self._storage.check)  # raises if everything is missing
            raise DatasetDamaged("DATASET_DAMAGED", f"{original} is missing.", dataset_id=dataset.id) from None

    async def _receive(self, path: Path, chunks: AsyncIterator[bytes]) -> tuple[int, str]:
        """Writes the bytes to a file and syncs it; returns their number and their SHA-256."""
        digest, size_bytes = hashlib.sha256(), 0
        file = await asyncio.to_thread(_open, path)
        try:
            async for chunk in self._until_stalled(chunks):
                size_bytes += len(chunk)
                if size_bytes > LARGEST_FILE_BYTES:
                    limit = str(LARGEST_FILE_BYTES)
                    raise Refused("FILE_TOO_LARGE", f"The file has more than {limit} bytes.", limit=limit)
                await asyncio.to_thread(_append, file, chunk, digest)
            await asyncio.to_thread(_sync, file)
        finally:
            file.close()
        return size_bytes, digest.hexdigest()

    async def _until_stalled(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(self._settings.stall_seconds):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                raise Refused("DEADLINE_PASSED", f"No bytes for {self._settings.stall_seconds:.0f} s.") from None
            if chunk is None:
                return
            yield chunk

    async def _read(self, source: Path, table: str, wanted: Reading, most_seconds: float) -> NewTable:
        wait_seconds = call_context.time_left(most_seconds)
        new_table = await self._reader.read(source, self._storage.part_path(table), wanted, wait_seconds=wait_seconds)
        if call_context.time_left(_LONGEST_WAIT_SECONDS) <= 0:
            raise Refused("DEADLINE_PASSED", "The caller's time was up before the dataset could be stored.")
        return new_table

    async def _commit(self, write: Callable[[], Stored]) -> Stored:
        """Completes even if the caller leaves: files and row must agree."""
        return await asyncio.shield(self._in_background(write))

    def _discard(self, draft: Draft) -> None:
        """Removes files that were not published; their rows follow, also if the caller has left."""
        self._storage.remove_parts(draft.names)
        self._in_background(lambda: self._loose_files.discard(draft))

    def _in_background(self, work: Callable[[], Result]) -> asyncio.Task[Result]:
        task = asyncio.create_task(asyncio.to_thread(work))
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        return task

    def _create(self, draft: Draft, new: NewDataset, table: NewTable) -> Stored:
        stored, request_hash = self._publish(draft, lambda: self._store.create(new, table))
        dataset = stored.dataset
        if dataset.id == new.id:
            self._loose_files.let_go(draft)
            log.info("dataset_created", dataset_id=dataset.id, rows=dataset.rows, size_bytes=dataset.size_bytes)
        else:  # a concurrent upload with the same key came first
            self._loose_files.discard(draft)
        return _same_upload(stored, request_hash, new.request_hash)

    def _replace(
        self, draft: Draft, dataset: Dataset, table: NewTable, chosen: Reading, only_for: str | None = None
    ) -> Stored:
        (name,) = draft.names
        content_hash = _content_hash(dataset.bytes_hash, table)
        replaced, former = self._publish(
            draft, lambda: self._store.replace_table(dataset.id, name, content_hash, table, chosen, only_for=only_for)
        )
        self._loose_files.let_go(draft)
        self._loose_files.remove([former])
        log.info("dataset_reread", dataset_id=dataset.id, encoding=replaced.encoding)
        return Stored(replaced, table.profile, table.reading, chosen)

    def _publish(self, draft: Draft, write: Callable[[], Result]) -> Result:
        """Publishes the files, then writes their row; removes the files if that fails."""
        try:
            self._storage.publish(draft.names)
            return write()
        except (DatabaseUnavailable, StorageUnavailable):
            # The row may have been written, or a file may still be: the lease runs out after both.
            self._loose_files.let_go(draft)
            self._storage.remove_parts(draft.names)
            raise
        except BaseException:
            self._loose_files.discard(draft)
            raise


def _same_upload(stored: Stored, first_hash: str, request_hash: str) -> Stored:
    if first_hash and first_hash != request_hash:
        raise Refused("IDEMPOTENCY_KEY_REUSED", "The key was used before, with another file or other fields.")
    return stored


def _content_hash(bytes_hash: str, table: NewTable) -> str:
    reading = orjson.dumps(table.reading.to_document(), option=orjson.OPT_SORT_KEYS).decode()
    return hashlib.sha256("\n".join((bytes_hash, reading, str(_READING_VERSION))).encode()).hexdigest()


def _open(path: Path) -> IO[bytes]:
    with storage_errors():
        return path.open("xb")


def _append(file: IO[bytes], chunk: bytes, digest: Any) -> None:
    with storage_errors():
        file.write(chunk)
    digest.update(chunk)


def _sync(file: IO[bytes]) -> None:
    with storage_errors():
        file.flush()
        os.fsync(file.fileno())
