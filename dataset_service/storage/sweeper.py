"""Removes datasets that have expired, and files that no dataset has. All replicas sweep, none waits for another."""

import asyncio
from itertools import islice

import structlog

from dataset_service.storage.files import Storage, file_named
from dataset_service.storage.loose_file_store import LooseFileStore
from dataset_service.storage.loose_files import LooseFiles
from dataset_service.storage.store import DatasetStore
from servicekit.errors import Refused

_AGAIN_SECONDS = 2.0
_AT_ONCE = 100
_NAMES_AT_ONCE = 500

log = structlog.get_logger()


class Sweeper:
    """Sweeps at once and then every `every_seconds`, or sooner after a failure."""

    def __init__(
        self,
        storage: Storage,
        store: DatasetStore,
        loose_store: LooseFileStore,
        loose_files: LooseFiles,
        *,
        every_seconds: float,
    ) -> None:
        self._storage = storage
        self._store = store
        self._loose_store = loose_store
        self._loose_files = loose_files
        self._every_seconds = every_seconds

    def sweep(self) -> int:
        """Removes what has expired, in small steps: datasets, leases, and files. Blocking.

        Returns the number of files.
        """
        while expired := self._store.delete_expired(_AT_ONCE):
            for dataset in expired:
                log.info("dataset_expired", dataset_id=dataset.id)
        while self._store.forget_expired_leases(_AT_ONCE) == _AT_ONCE:
            pass
        return _logged(self._loose_files.sweep())

    def sweep_unknown(self) -> int:
        """Removes files of which no row knows, left behind by an earlier version or a restored database. Blocking.

        Returns their number. Anything in the storage that has no name of ours stays.
        """
        count, listed = 0, self._storage.listed()
        while names := set(islice(listed, _NAMES_AT_ONCE)):
            files = {file for name in names if (file := file_named(name)) is not None}
            unknown = self._loose_store.unknown(files)
            self._storage.remove(unknown)
            count += len(unknown)
        return _logged(count)

    async def sweep_on(self) -> None:
        """Sweeps until cancelled; once for files of which no row knows."""
        is_unknown_swept = False
        while True:
            pause = self._every_seconds
            try:
                await asyncio.to_thread(self.sweep)
                if not is_unknown_swept:
                    await asyncio.to_thread(self.sweep_unknown)
                    is_unknown_swept = True
            except Refused as error:
                log.warning("sweep_failed", error=error.message)
                pause = min(pause, _AGAIN_SECONDS)
            except Exception:
                log.exception("sweep_failed")
            await asyncio.sleep(pause)


def _logged(files: int) -> int:
    if files:
        log.info("files_swept", files=files)
    return files
