"""The Celery application and its process. Threads, not forks: gRPC does not survive a fork."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import celery
import redis
import structlog
from celery import bootsteps
from redis.backoff import NoBackoff
from redis.retry import Retry

from servicekit.channel import open_blocking_channel
from servicekit.metrics import Metrics
from worker.dataset_rows import DatasetRows
from worker.reconciler import Reconciler
from worker.settings import WorkerSettings
from worker.tasks import BatchProcessor

ALIVE_KEY, _ALIVE_SECONDS, _SIGN_EVERY_SECONDS = "worker:alive", 5, 1.0
TASK_NAME = "batch.process"
_BROKER_SECONDS = 1.0

log = structlog.get_logger()


def create_app(settings: WorkerSettings, metrics: Metrics) -> celery.Celery:
    """Returns the application with its one task, the heartbeat and the reconciler; adds its metrics."""
    broker = f"{settings.redis_url.get_secret_value()}/0"
    app = celery.Celery("daegu", broker=broker)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_pool="threads",
        worker_concurrency=settings.concurrency,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            # Only a fallback: the reconciler resends a killed worker's batch within seconds.
            "visibility_timeout": int(settings.batch_seconds) + 60,
            "socket_connect_timeout": _BROKER_SECONDS,
            "socket_keepalive": True,
            "health_check_interval": 5,
        },
    )
    # They need keep-alive: a service that vanished must not block a thread for as long as the longest batch.
    channel = open_blocking_channel(settings.prediction_target)
    stopping = threading.Event()
    rows = DatasetRows(open_blocking_channel(settings.dataset_target))
    processor = BatchProcessor(channel, rows, settings.batch_seconds, stopping)
    metrics.add(processor.timings)
    app.task(name=TASK_NAME)(processor.process)
    # Other commands to the broker time out after a second.
    client = redis.Redis.from_url(
        broker, socket_timeout=_BROKER_SECONDS, socket_connect_timeout=_BROKER_SECONDS, retry=Retry(NoBackoff(), 0)
    )
    reconciler = Reconciler(
        channel, _sender(broker), lambda: int(client.llen(app.conf.task_default_queue)), settings, stopping
    )
    app.steps["consumer"].add(_sign_of_life(client, settings.alive_file))
    app.steps["worker"].add(_helpers(reconciler, stopping))
    return app


def _sender(broker: str) -> Callable[[str], object]:
    """Returns a function that sends a batch's id or fails in a second; the consumer's connections have no timeout."""
    app = celery.Celery("daegu", broker=broker, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_publish_retry=False,
        broker_connection_retry=False,
        broker_transport_options={
            "socket_timeout": _BROKER_SECONDS,
            "socket_connect_timeout": _BROKER_SECONDS,
            "max_retries": 0,
        },
    )

    def send(batch_id: str) -> object:
        return app.send_task(TASK_NAME, args=[batch_id], ignore_result=True)

    return send


def _sign_of_life(client: redis.Redis, alive_file: Path | None) -> type[bootsteps.StartStopStep]:
    """Returns a step that sends a heartbeat from the consumer's own timer, so that a hung consumer sends none.

    The Redis key is shared by all workers; the file is this worker's own.
    """

    class SignOfLife(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, consumer: Any) -> None:
            self._give()
            self._timer = consumer.timer.call_repeatedly(_SIGN_EVERY_SECONDS, self._give)

        def stop(self, _consumer: Any) -> None:
            self._timer.cancel()

        def _give(self) -> None:
            try:
                client.set(ALIVE_KEY, str(os.getpid()), ex=_ALIVE_SECONDS)
                if alive_file is not None:
                    alive_file.touch()
            except (redis.RedisError, OSError) as error:
                log.warning("sign_of_life_failed", error=repr(error))

    return SignOfLife


def _helpers(reconciler: Reconciler, stopping: threading.Event) -> type[bootsteps.StartStopStep]:
    class Helpers(bootsteps.StartStopStep):  # type: ignore[misc]
        """Runs the reconciler beside the consumer, and tells the tasks when the process stops."""

        def start(self, _worker: Any) -> None:
            threading.Thread(target=reconciler.run, name="reconciler", daemon=True).start()

        def stop(self, _worker: Any) -> None:
            stopping.set()

        close = stop

    return Helpers
