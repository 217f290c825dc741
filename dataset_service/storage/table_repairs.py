"""Rebuilds damaged, lost or unhashed Parquet files from the original uploads."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from dataset_service.errors import CsvRefused, DatasetDamaged, StorageUnavailable, TableReplaced
from dataset_service.storage.files import Storage
from dataset_service.storage.store import Dataset, DatasetStore
from servicekit import call_context

log = structlog.get_logger()


class TableRepairs:
    """Repairs tables by `rebuild`, once for concurrent callers, and logs each damage once. `repaired` counts them."""

    def __init__(self, store: DatasetStore, storage: Storage, rebuild: Callable[[Dataset], Awaitable[object]]) -> None:
        self._store = store
        self._storage = storage
        self._rebuild = rebuild
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._told: set[str] = set()
        self.repaired = 0

    async def repair(self, dataset: Dataset, cause: Exception) -> None:
        """Rebuilds the Parquet file of a dataset. Raises `DatasetDamaged`; continues if the caller leaves."""
        task = self._under_way.get(dataset.id)
        if task is None:
            task = self._under_way[dataset.id] = asyncio.create_task(self._repair(dataset, cause))
            task.add_done_callback(lambda done: self._forget(dataset.id, done))
        await asyncio.shield(task)

    async def close(self) -> None:
        """Cancels running repairs; the next read restarts them."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _repair(self, dataset: Dataset, cause: Exception) -> None:
        call_context.set_time_left(None)  # other callers wait as well
        if (await asyncio.to_thread(self._store.get, dataset.id)).table_file != dataset.table_file:
            return
        if dataset.table_hash and dataset.id not in self._told:
            log.warning("dataset_table_damaged", dataset_id=dataset.id, error=str(cause))
        try:
            await self._rebuild(dataset)
        except TableReplaced:
            return
        except (DatasetDamaged, CsvRefused, StorageUnavailable) as error:
            if not dataset.table_hash:  # damage cannot be detected: store the current hash
                await asyncio.to_thread(self._adopt, dataset)
                return
            if isinstance(error, StorageUnavailable):
                raise
            if dataset.id not in self._told:
                log.error("dataset_damaged", dataset_id=dataset.id, error=error.message)
            self._told.add(dataset.id)
            raise DatasetDamaged(
                "DATASET_DAMAGED", f"Dataset {dataset.id} is damaged.", dataset_id=dataset.id
            ) from error
        self._told.discard(dataset.id)
        self.repaired += 1
        log.info("dataset_table_rebuilt", dataset_id=dataset.id)

    def _adopt(self, dataset: Dataset) -> None:
        try:
            table_hash = self._storage.file_hash(dataset.table_file)
        except FileNotFoundError:
            self._storage.check()  # raises if everything is missing
            raise DatasetDamaged(
                "DATASET_DAMAGED", f"The files of dataset {dataset.id} are gone.", dataset_id=dataset.id
            ) from None
        self._store.keep_table_hash(dataset.id, dataset.table_file, table_hash)

    def _forget(self, dataset_id: str, done: asyncio.Task[None]) -> None:
        del self._under_way[dataset_id]
        if not done.cancelled():
            done.exception()  # marks the exception as retrieved, even without waiting callers
