"""Stored datasets whose files are needed: read, analyse, delete."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import structlog

from dataset_service.errors import DatasetDamaged, FileDamaged
from dataset_service.reading.preview import MOST_ROWS, first_rows
from dataset_service.reading.table_file import column_names, read_table
from dataset_service.storage.data_output import DataFormat, serialise
from dataset_service.storage.dataset_regions import NO_REGIONS, DatasetRegions, count_regions, with_region_codes
from dataset_service.storage.files import Storage
from dataset_service.storage.loose_files import LooseFiles
from dataset_service.storage.store import Dataset, DatasetStore
from dataset_service.storage.table_repairs import TableRepairs
from servicekit.errors import Refused
from servicekit.korea.names import LEVELS

_MOST_REPAIRS = 3

Result = TypeVar("Result")

log = structlog.get_logger()


class Selection(NamedTuple):
    """A part of a dataset: columns by name, empty for all; rows from `offset` on; `limit` 0 for no limit."""

    columns: Sequence[str] = ()
    limit: int = 0
    offset: int = 0
    region_codes: bool = False
    """Adds a column with the code of the region of each row."""


class Datasets:
    """What needs both rows and files of datasets. All methods raise `DATASET_NOT_FOUND` for an unknown id."""

    def __init__(
        self,
        store: DatasetStore,
        storage: Storage,
        repairs: TableRepairs,
        forget: Callable[[str], None],
        loose_files: LooseFiles,
        *,
        max_downloads: int,
    ) -> None:
        self._store = store
        self._storage = storage
        self._repairs = repairs
        self._forget = forget
        self._loose_files = loose_files
        self._free_downloads = max_downloads

    async def delete(self, dataset_id: str, holder: str, *, older_than_days: int | None = None) -> None:
        """Deletes the dataset, its links and its files. Raises `DATASET_IN_USE` while anyone but `holder` uses it.

        With `older_than_days`, a dataset that is younger or shared is in use too.
        """
        await asyncio.to_thread(self._delete, dataset_id, holder, older_than_days)

    async def read(self, dataset_id: str, selection: Selection, data_format: DataFormat) -> AsyncIterator[bytes]:
        """Yields the data in chunks. Raises `COLUMN_NOT_FOUND`, and `SERVICE_BUSY` if there are too many downloads."""
        with self.downloading():
            table = await self.with_table_file(dataset_id, partial(self._select, selection))
            pieces = serialise(table, data_format)
            while piece := await asyncio.to_thread(next, pieces, b""):
                yield piece

    async def first_rows(self, dataset_id: str) -> dict[str, Any]:
        """Returns the first rows of a dataset, as `Preview` has them."""
        return await self.with_table_file(
            dataset_id, lambda dataset, path: first_rows(read_table(path, limit=MOST_ROWS), dataset.rows)
        )

    @contextmanager
    def downloading(self) -> Iterator[None]:
        """Counts a download while it lasts. Raises `SERVICE_BUSY` if there are too many."""
        if self._free_downloads == 0:
            raise Refused("SERVICE_BUSY", "Too many streams of data are going out.")
        self._free_downloads -= 1
        try:
            yield
        finally:
            self._free_downloads += 1

    async def count_regions(self, dataset_id: str, level: str) -> DatasetRegions:
        """Returns the rows of each region; `level` is a word of `LEVELS`, or empty for that of most rows."""
        return await self.with_table_file(dataset_id, partial(self._count_regions, level))

    async def with_table_file(self, dataset_id: str, use: Callable[[Dataset, Path], Result]) -> Result:
        """Runs `use`, which reads the Parquet file of a dataset, off the event loop.

        A damaged file is rebuilt and `use` retried, also if the file was replaced between looking up its name and
        opening it. Raises `DatasetDamaged` if the original is damaged as well.
        """
        for _ in range(_MOST_REPAIRS):
            try:
                return await asyncio.to_thread(self._with_table_file, dataset_id, use)
            except _Unusable as unusable:
                await self._repairs.repair(unusable.dataset, unusable.cause)
        raise DatasetDamaged(
            "DATASET_DAMAGED", f"Dataset {dataset_id} is damaged again and again.", dataset_id=dataset_id
        )

    def _with_table_file(self, dataset_id: str, use: Callable[[Dataset, Path], Result]) -> Result:
        dataset = self._store.get(dataset_id)
        try:
            with self._storage.verified(dataset.table_file, dataset.table_hash) as path:
                return use(dataset, path)
        except (FileNotFoundError, FileDamaged) as cause:
            raise _Unusable(dataset, cause) from cause

    def _select(self, selection: Selection, dataset: Dataset, path: Path) -> pa.Table:
        columns = list(dict.fromkeys(selection.columns))
        unknown = set(columns).difference(column_names(path)) if columns else ()
        if unknown:
            column = min(unknown)[:200]
            raise Refused("COLUMN_NOT_FOUND", f"Dataset {dataset.id} has no column {column!r}.", column=column)
        table = read_table(path, columns or None, offset=selection.offset, limit=selection.limit)
        if not selection.region_codes:
            return table
        _, naming = self._region_columns(dataset, path)
        rows = read_table(path, naming, offset=selection.offset, limit=selection.limit) if naming else None
        return with_region_codes(table, rows)

    def _count_regions(self, level: str, dataset: Dataset, path: Path) -> DatasetRegions:
        usual_level, naming = self._region_columns(dataset, path)
        if not naming:
            return NO_REGIONS
        return count_regions(read_table(path, naming), level or usual_level)

    def _region_columns(self, dataset: Dataset, path: Path) -> tuple[str, list[str]]:
        """Returns the level of most regions of a dataset, and the columns that name them."""
        profile = self._store.get_stored(dataset.id).profile
        level, naming = "", [profile.district_column]  # found by an earlier version
        if profile.regions is not None:
            level, naming = profile.regions.level, list(profile.regions.columns)
        known = column_names(path)
        return level or LEVELS[5], [name for name in naming if name in known]

    def _delete(self, dataset_id: str, holder: str, older_than_days: int | None) -> None:
        dataset = self._store.delete(dataset_id, holder, older_than_days=older_than_days)
        self._forget(dataset_id)
        self._loose_files.remove(dataset.files)
        log.info("dataset_deleted", dataset_id=dataset_id)


class _Unusable(Exception):
    """The Parquet file of a dataset cannot be used."""

    def __init__(self, dataset: Dataset, cause: Exception) -> None:
        super().__init__(str(cause))
        self.dataset, self.cause = dataset, cause
