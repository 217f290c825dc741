"""Gives up what this replica keeps of files that any replica removed: their copies, and the frames made from them."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing
from typing import Protocol

import structlog

from dataset_service.storage.files import Storage
from dataset_service.storage.loose_file_store import LooseFileStore
from dataset_service.storage.store import DatasetStore
from servicekit.errors import Refused

_AT_ONCE = 500
_AGAIN_SECONDS = 2.0

log = structlog.get_logger()


class KeptDatasets(Protocol):
    """What is kept of datasets in memory."""

    def kept(self) -> Collection[str]:
        """Returns the ids of the datasets."""

    def forget(self, dataset_id: str) -> None:
        """Gives up a dataset, which is deleted."""


class Removals:
    """Follows the notifications of `doom`; whenever one may have been missed, asks for the rows of all that is kept."""

    def __init__(
        self, storage: Storage, frames: KeptDatasets, store: DatasetStore, loose_store: LooseFileStore
    ) -> None:
        self._storage = storage
        self._frames = frames
        self._store = store
        self._loose_store = loose_store

    async def follow(self, notifications: AsyncIterator[str | None]) -> None:
        """Follows until cancelled."""
        async with aclosing(notifications) as told:  # type: ignore[type-var]  # a generator
            async for removal in told:
                if removal is None:
                    await self._check_all()
                else:
                    dataset_id, *names = removal.split(" ")
                    self._frames.forget(dataset_id)
                    await asyncio.to_thread(self._storage.forget_for_good, names)

    async def _check_all(self) -> None:
        while True:
            try:
                return await asyncio.to_thread(self.check_all)
            except Refused as error:
                log.warning("removals_not_checked", error=error.message)
                await asyncio.sleep(_AGAIN_SECONDS)

    def check_all(self) -> None:
        """Gives up all that has no row any more. Blocking."""
        for dataset_id in self._store.missing(self._frames.kept()):
            self._frames.forget(dataset_id)
        names = sorted(self._storage.copies())
        for start in range(0, len(names), _AT_ONCE):
            self._storage.forget_for_good(self._loose_store.unowned(names[start : start + _AT_ONCE]))
