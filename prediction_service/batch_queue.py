"""Wakes a worker with a Celery message that contains only a batch's id.

A lost message costs a delay, never a batch: the worker's reconciler resends batches without progress.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import celery
import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from servicekit.health import Probe

TASK_NAME = "batch.process"
WORKER_ALIVE_KEY = "worker:alive"
_BROKER_SECONDS = 1.0
_PROBE_SECONDS = 0.3

log = structlog.get_logger()


class BatchQueue:
    """Sends messages in the background, each with a timeout and without retries."""

    def __init__(self, redis_url: str) -> None:
        self._celery = celery.Celery(broker=f"{redis_url}/0")
        self._celery.conf.update(
            task_ignore_result=True,
            task_publish_retry=False,
            broker_connection_retry=False,
            broker_transport_options={
                "socket_timeout": _BROKER_SECONDS,
                "socket_connect_timeout": _BROKER_SECONDS,
                "max_retries": 0,
            },
        )
        self._sending: set[asyncio.Task[None]] = set()
        # A separate thread, so that a hung broker cannot block the shared thread pool.
        self._thread = ThreadPoolExecutor(1, "batch-queue")

    def send_soon(self, batch_id: str) -> None:
        """Queues the message, without waiting for the broker."""
        task = asyncio.create_task(self._send(batch_id))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """Waits for pending messages and closes the connections."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=_BROKER_SECONDS)
        self._thread.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._celery.close)

    async def _send(self, batch_id: str) -> None:
        try:
            sending = asyncio.get_running_loop().run_in_executor(self._thread, self._send_now, batch_id)
            await asyncio.wait_for(sending, 2 * _BROKER_SECONDS)
        except Exception as error:  # noqa: BLE001 - the batch is safe whatever the broker's error is
            log.warning("batch_message_not_sent", batch_id=batch_id, error=repr(error))

    def _send_now(self, batch_id: str) -> None:
        self._celery.send_task(TASK_NAME, args=[batch_id], ignore_result=True)


def redis_probes(redis_url: str) -> dict[str, Probe]:
    """Returns the health probes `redis` (it answers) and `worker` (its heartbeat is recent)."""
    client = redis.asyncio.Redis.from_url(
        f"{redis_url}/0",
        socket_timeout=_PROBE_SECONDS,
        socket_connect_timeout=_PROBE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )

    async def redis_answers() -> None:
        await client.ping()

    async def worker_is_alive() -> None:
        if not await client.exists(WORKER_ALIVE_KEY):
            raise LookupError("no worker has given a sign of life")

    return {"redis": redis_answers, "worker": worker_is_alive}
