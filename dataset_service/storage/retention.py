"""Deletes datasets that are older than they are to be kept, with their files, one by one."""

import asyncio

import structlog

from dataset_service.storage.datasets import Datasets
from dataset_service.storage.retention_store import DatasetRetentionStore
from servicekit.errors import Refused
from servicekit.paging import Place
from servicekit.retention import Step

_AT_ONCE = 20
_STAYS = ("DATASET_IN_USE", "DATASET_NOT_FOUND")

log = structlog.get_logger()


class DatasetRetention:
    """Deletes old datasets that are neither leased nor shared."""

    def __init__(self, store: DatasetRetentionStore, datasets: Datasets) -> None:
        self._store = store
        self._datasets = datasets

    async def forget(self, days: int, after: str) -> Step:
        """Deletes some of the oldest datasets, from the place `after` on. Raises `REQUEST_INVALID`."""
        old = await asyncio.to_thread(self._store.list_old, days, Place.read(after), _AT_ONCE)
        forgotten = 0
        for dataset in old:
            if not dataset.is_used:
                forgotten += await self._delete(dataset.id, days)
        place = Place(old[-1].kept_since, old[-1].id).cursor() if old else after
        return Step(forgotten, place, is_done=len(old) < _AT_ONCE)

    async def _delete(self, dataset_id: str, days: int) -> bool:
        try:
            await self._datasets.delete(dataset_id, holder="", older_than_days=days)
        except Refused as refusal:
            if refusal.reason not in _STAYS:
                raise
            return False  # used, kept or deleted meanwhile
        log.info("dataset_forgotten", dataset_id=dataset_id)
        return True
