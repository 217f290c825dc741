"""Celery's beat in a thread of the worker: the schedule is in memory, and every worker has one."""

import threading
from typing import Any

import celery
import structlog
from celery.beat import Scheduler

_AGAIN_SECONDS = 1.0

log = structlog.get_logger()


class _Scheduler(Scheduler):  # type: ignore[misc]
    producer = None  # Celery's own waits until there is a connection; without one, the application sends or fails

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Sends a task. Raises what hinders it, which Celery would only log."""
        self.apply_async(entry, producer=producer, advance=False)


class Beat:
    """Sends the tasks of an application's schedule until the process stops. Survives outages of the broker."""

    def __init__(self, app: celery.Celery, stopping: threading.Event) -> None:
        self._app = app
        self._stopping = stopping

    def run(self) -> None:
        """Sends until the process stops."""
        is_hindered = False
        scheduler = _Scheduler(self._app, max_interval=_AGAIN_SECONDS)
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                pause = scheduler.tick()
                is_hindered = False
            except Exception as error:  # noqa: BLE001 - the broker is down: a scheduler that failed has lost the task
                if not is_hindered:
                    log.warning("beat_hindered", error=repr(error)[:500])
                is_hindered, pause = True, _AGAIN_SECONDS
                scheduler = _Scheduler(self._app, max_interval=_AGAIN_SECONDS)
