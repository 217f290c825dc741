"""Removes datasets that have expired, and files that no row refers to, left behind by a crash or a lost commit."""

import asyncio
from collections.abc import Callable

import structlog

from dataset_service.storage.files import Storage
from dataset_service.storage.store import DatasetStore
from servicekit.errors import Refused

_AGAIN_SECONDS = 2.0

log = structlog.get_logger()


class Sweeper:
    """Sweeps at once and then every `every_seconds`, or sooner after a failure."""

    def __init__(
        self, storage: Storage, store: DatasetStore, forget: Callable[[str], None], *, every_seconds: float
    ) -> None:
        self._storage = storage
        self._store = store
        self._forget = forget
        self._every_seconds = every_seconds

    def sweep(self) -> int:
        """Removes what has expired, and files that no row refers to and that are not being written. Blocking.

        Returns the number of files.

        The order matters: files are listed first, then drafts, then rows. A file of a dataset stored meanwhile is
        either not yet listed, or still a draft, or in a row.
        """
        for dataset in self._store.delete_expired():
            self._forget(dataset.id)
            log.info("dataset_expired", dataset_id=dataset.id)
        there = self._storage.names()
        drafts = self._storage.draft_names()
        left_behind = there - drafts - self._store.file_names()
        self._storage.remove(left_behind)
        self._store.forget_expired_leases()
        if left_behind:
            log.info("files_swept", files=len(left_behind))
        return len(left_behind)

    async def sweep_on(self) -> None:
        """Sweeps until cancelled."""
        while True:
            pause = self._every_seconds
            try:
                await asyncio.to_thread(self.sweep)
            except Refused as error:
                log.warning("sweep_failed", error=error.message)
                pause = min(pause, _AGAIN_SECONDS)
            except Exception:
                log.exception("sweep_failed")
            await asyncio.sleep(pause)
