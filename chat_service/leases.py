"""Keeps the leases of this process's turns alive, and fails turns whose processes no longer do."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from chat_service.running_turn import RunningTurn
from chat_service.turn_store import TurnStore
from servicekit.errors import DatabaseUnavailable

BEAT_SECONDS = 1.0
# After an outage of the database, or if the whole machine was paused, all leases have expired at once: first their
# owners renew them and store what is late.
_PATIENCE_SECONDS = 3.0

Result = TypeVar("Result")

log = structlog.get_logger()


class Leases:
    """The leases of the turns of this process, all renewed in one statement a beat.

    `store` has a connection of its own, and so a thread: a beat never waits behind the work of the service. But it
    comes from the event loop, because a process whose loop hangs is as good as dead.
    """

    def __init__(self, store: TurnStore) -> None:
        self._store = store
        self._turns: dict[str, RunningTurn | None] = {}
        self._thread = ThreadPoolExecutor(1, "leases")
        self._expired: dict[str, float] | None = {}
        """Since when this process has seen each expired lease so; None while the database is away."""

    def hold(self, lease_id: str, turn: RunningTurn) -> None:
        """Renews the lease of a turn, which is cancelled when a stop is requested or the lease is lost."""
        self._turns[lease_id] = turn

    def let_end(self, lease_id: str) -> None:
        """Renews on, but leaves the turn alone: its end is being stored, which shows whether the lease was lost."""
        self._turns[lease_id] = None

    def release(self, lease_id: str) -> None:
        """Ends the renewals."""
        self._turns.pop(lease_id, None)

    async def keep(self) -> None:
        """Renews and fails until cancelled."""
        try:
            while True:
                try:
                    await self._renew()
                    await self._fail_dead()
                except DatabaseUnavailable:
                    if self._expired is not None:
                        log.warning("leases_wait_for_database")
                    self._expired = None
                except Exception:
                    log.exception("leases_not_kept")
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            self._thread.shutdown(wait=False)

    async def _renew(self) -> None:
        held = list(self._turns)
        if not held:
            return
        alive = await self._in_thread(lambda: self._store.renew(held))
        for lease_id in held:
            turn = self._turns.get(lease_id)
            if turn is not None and alive.get(lease_id, True):
                if lease_id not in alive:
                    log.warning("lease_lost", lease_id=lease_id)
                turn.cancel()

    async def _fail_dead(self) -> None:
        now, before = asyncio.get_running_loop().time(), self._expired or {}
        expired = await self._in_thread(self._store.find_expired)
        self._expired = {lease_id: before.get(lease_id, now) for lease_id in expired}
        dead = [lease_id for lease_id, seen_at in self._expired.items() if now - seen_at >= _PATIENCE_SECONDS]
        failed = await self._in_thread(lambda: self._store.fail_dead(dead))
        if failed:
            log.warning("dead_turns_failed", turns=failed)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
