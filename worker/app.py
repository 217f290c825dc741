"""The Celery application and its process. Threads, not forks: gRPC does not survive a fork."""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import celery
import grpc
import redis
import structlog
from celery import bootsteps
from daegu.retention.v1 import retention_pb2
from redis.backoff import NoBackoff
from redis.retry import Retry

from servicekit.channel import open_blocking_channel
from servicekit.metrics import Metrics
from worker.beat import Beat
from worker.dataset_rows import DatasetRows
from worker.reconciler import Reconciler
from worker.retention import Kept, Retention
from worker.settings import WorkerSettings
from worker.tasks import BatchProcessor

ALIVE_KEY, _ALIVE_SECONDS, _SIGN_EVERY_SECONDS = "worker:alive", 5, 1.0
TASK_NAME, RETENTION_NAME = "batch.process", "retention.run"
_BROKER_SECONDS = 1.0
_RETENTION_KEY, _MOST_OF_INTERVAL = "worker:retention", 0.9

log = structlog.get_logger()


def create_app(settings: WorkerSettings, metrics: Metrics) -> celery.Celery:
    """Returns the application with its tasks, the heartbeat, the reconciler and the schedule; adds its metrics."""
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
    sender = _sender(broker)

    def send(batch_id: str) -> object:
        return sender.send_task(TASK_NAME, args=[batch_id], ignore_result=True)

    reconciler = Reconciler(channel, send, lambda: int(client.llen(app.conf.task_default_queue)), settings, stopping)
    app.steps["consumer"].add(_sign_of_life(client, settings.alive_file))
    kept = _kept(settings, channel)
    retention = Retention(kept, _turns_of(client, settings.retention_seconds), stopping)
    app.task(name=RETENTION_NAME, shared=False)(retention.run)  # not of the application that sends it
    metrics.add_counter("worker_forgotten_total", "What was deleted because of its age.", lambda: retention.forgotten)
    helpers = [("reconciler", reconciler.run)]
    if kept:
        sender.conf.beat_schedule = {"retention": {"task": RETENTION_NAME, "schedule": settings.retention_seconds}}
        helpers.append(("beat", Beat(sender, stopping).run))
    app.steps["worker"].add(_helpers(helpers, stopping))
    return app


def _kept(settings: WorkerSettings, prediction: grpc.Channel) -> list[Kept]:
    """Returns what is not kept for good."""
    kept = []
    if settings.keep_predictions_days is not None:
        kinds = (retention_pb2.KIND_PREDICTIONS, retention_pb2.KIND_BATCHES)
        kept += [Kept(kind, prediction, settings.keep_predictions_days) for kind in kinds]
    for kind, target, days in (
        (retention_pb2.KIND_CONVERSATIONS, settings.chat_target, settings.keep_conversations_days),
        (retention_pb2.KIND_DATASETS, settings.dataset_target, settings.keep_datasets_days),
    ):
        if days is not None:
            kept.append(Kept(kind, open_blocking_channel(target), days))
    return kept


def _turns_of(client: redis.Redis, seconds: float) -> Callable[[], bool]:
    """Returns a function that is true once in that time over all workers, each of which has a schedule."""

    def is_turn() -> bool:
        milliseconds = max(1, int(seconds * 1000 * _MOST_OF_INTERVAL))
        return bool(client.set(_RETENTION_KEY, str(os.getpid()), px=milliseconds, nx=True))

    return is_turn


def _sender(broker: str) -> celery.Celery:
    """Returns an application that sends or fails in a second; the consumer's connections have no timeout."""
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
    return app


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


def _helpers(
    helpers: Sequence[tuple[str, Callable[[], None]]], stopping: threading.Event
) -> type[bootsteps.StartStopStep]:
    class Helpers(bootsteps.StartStopStep):  # type: ignore[misc]
        """Runs the helpers beside the consumer, and tells them and the tasks when the process stops."""

        def start(self, _worker: Any) -> None:
            for name, run in helpers:
                threading.Thread(target=run, name=name, daemon=True).start()

        def stop(self, _worker: Any) -> None:
            stopping.set()

        close = stop

    return Helpers
