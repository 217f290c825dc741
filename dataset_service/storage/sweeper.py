"""Removes files that no row refers to, left behind by a crash or a commit of unknown outcome."""

import asyncio
from types import TracebackType
from typing import Self

import structlog

from dataset_service.storage.files import Storage
from dataset_service.storage.store import DatasetStore
from servicekit.errors import Refused

_AGAIN_SECONDS = 2.0

log = structlog.get_logger()


class Sweeper:
    """A context manager that sweeps at once and then every `every_seconds`, or sooner after a failure."""

    def __init__(self, storage: Storage, store: DatasetStore, *, every_seconds: float) -> None:
        self._storage = storage
        self._store = store
        self._every_seconds = every_seconds
        self._sweeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._sweeping = asyncio.create_task(self._sweep_on())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)

    def sweep(self) -> int:
        """Removes files that no row refers to and that are not being written; returns their number. Blocking.

        The order matters: files are listed first, then drafts, then rows. A file of a dataset stored meanwhile is
        either not yet listed, or still a draft, or in a row.
        """
        there = self._storage.names()
        drafts = self._storage.draft_names()
        left_behind = there - drafts - self._store.file_names()
        self._storage.remove(left_behind)
        self._store.forget_expired_leases()
        if left_behind:
            log.info("files_swept", files=len(left_behind))
        return len(left_behind)

    async def _sweep_on(self) -> None:
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
