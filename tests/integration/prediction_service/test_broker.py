"""A broker that hangs, is away, or comes back: no request waits for it, and no batch depends on it."""

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
import redis
from grpc_health.v1 import health_pb2

from prediction_service.batch_queue import BatchQueue
from tests.contract.prediction_service.running_service import RunningService, running_service, varied
from tests.eventually import eventually
from tests.patience import no_limit_passed
from tests.real_servers import Postgres, ServerProcess, running_valkey


@pytest.fixture(scope="module")
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A Valkey that tests may stop and kill; it runs at the end of each."""
    with running_valkey(tmp_path_factory.mktemp("own")) as server:
        yield server


@pytest.fixture(scope="module")
async def service(postgres: Postgres, own_valkey: ServerProcess) -> AsyncIterator[RunningService]:
    """The service, without a worker."""
    database_url = postgres.new_database()
    async with running_service(database_url, own_valkey.url) as service:
        yield service
    postgres.drop_database(database_url)


@pytest.fixture
def hung_valkey(own_valkey: ServerProcess) -> Iterator[ServerProcess]:
    """The broker, which accepts connections and answers nothing."""
    os.kill(own_valkey.pid, signal.SIGSTOP)
    yield own_valkey
    os.kill(own_valkey.pid, signal.SIGCONT)


def _waiting(server: ServerProcess) -> int:
    with redis.Redis.from_url(f"{server.url}/0") as client:
        return int(client.llen("celery"))


async def test_message_carries_the_id_alone(service: RunningService, own_valkey: ServerProcess) -> None:
    with redis.Redis.from_url(f"{own_valkey.url}/0") as client:
        client.flushall()
        batch = await service.create_batch(varied(50))
        await eventually(lambda: _waiting(own_valkey) == 1)
        (message,) = client.lrange("celery", 0, -1)
    arguments, options, _ = json.loads(base64.b64decode(json.loads(message)["body"]))
    assert (arguments, options) == ([batch.batch_id], {})


async def test_nobody_waits_for_a_broker_that_hangs(service: RunningService, hung_valkey: ServerProcess) -> None:
    with no_limit_passed():
        batches = await asyncio.gather(*(service.create_batch(varied(1)) for _ in range(30)))
        # Everything that uses threads still has them.
        await asyncio.gather(*(service.get_batch(batch.batch_id) for batch in batches))
        for batch in batches:
            await service.process(batch.batch_id)
    answer = await service.health.Check(health_pb2.HealthCheckRequest(service="redis"))
    assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_sending_gives_up(hung_valkey: ServerProcess) -> None:
    queue = BatchQueue(hung_valkey.url)
    for _ in range(5):
        queue.send_soon("x")
    await queue.close()


async def test_batch_is_taken_while_the_broker_is_away_and_messages_flow_when_it_is_back(
    service: RunningService, own_valkey: ServerProcess
) -> None:
    own_valkey.kill()
    try:
        batch = await service.create_batch(varied(1))
        assert (await service.get_batch(batch.batch_id)).total == 1
    finally:
        own_valkey.start()
    before = _waiting(own_valkey)
    await service.create_batch(varied(1))
    await eventually(lambda: _waiting(own_valkey) > before)
    answer = await service.health.Check(health_pb2.HealthCheckRequest(service="redis"))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
