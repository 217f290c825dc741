"""The life of files outside of datasets: written under a lease, then taken over by a dataset, or removed.

A process renews the leases of its drafts while it lives. When a lease runs out, any replica removes the files.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from dataset_service.storage.files import Storage, new_names
from dataset_service.storage.loose_file_store import LooseFileStore
from servicekit.errors import Refused

_RENEWALS_IN_A_LEASE = 4
_AT_ONCE = 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """Files being written, which no dataset has yet."""

    names: tuple[str, ...]


class LooseFiles:
    """Begins and ends drafts, and removes files. Blocking, but for `let_go` and `renew_on`."""

    def __init__(self, storage: Storage, store: LooseFileStore, *, lease_seconds: float) -> None:
        self._storage = storage
        self._store = store
        self._lease_seconds = lease_seconds
        self._drafts: set[Draft] = set()

    def begin(self, *endings: str) -> Draft:
        """Returns names for new files, one for each ending, which are protected until the draft is let go."""
        draft = Draft(new_names(*endings))
        self._store.begin(draft.names, self._lease_seconds)
        self._drafts.add(draft)
        return draft

    def let_go(self, draft: Draft) -> None:
        """Ends the protection of files: a dataset has them now, or they are removed when the lease has run out."""
        self._drafts.discard(draft)

    def discard(self, draft: Draft) -> None:
        """Removes the files of a draft."""
        self.let_go(draft)
        try:
            self._store.doom(draft.names)
        except Refused as error:
            log.warning("files_left", files=len(draft.names), error=error.message)
        else:
            self.remove(draft.names)

    def remove(self, names: Sequence[str]) -> None:
        """Removes doomed files. What cannot be removed now is left to `sweep`."""
        try:
            self._storage.remove(names)
            self._store.forget(names)
        except Refused as error:
            log.warning("files_left", files=len(names), error=error.message)

    def sweep(self) -> int:
        """Removes files that are doomed or whose lease has run out, in small steps; returns their number."""
        count = 0
        while names := self._store.doom_expired(_AT_ONCE):
            self._storage.remove(names)
            self._store.forget(names)
            count += len(names)
        return count

    async def renew_on(self) -> None:
        """Renews the leases of all drafts until cancelled."""
        while True:
            await asyncio.sleep(self._lease_seconds / _RENEWALS_IN_A_LEASE)
            if names := [name for draft in list(self._drafts) for name in draft.names]:
                try:
                    await asyncio.to_thread(self._store.renew, names, self._lease_seconds)
                except Refused as error:
                    log.warning("leases_not_renewed", error=error.message)
