"""What the service says of itself and of what it depends on."""

from typing import Any

from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.channel import open_channel
from tests.contract.chat_service.running_chat import running_chat
from tests.eventually import eventually
from tests.integration.chat_service.moody_redis import MoodyRedis
from tests.patience import PATIENCE_SECONDS
from tests.real_servers import Postgres, ServerProcess

SERVICES = {"daegu.chat.v1.ChatService", "daegu.chat.v1.ConversationService"}


async def serving(health: Any) -> set[str]:
    statuses = (await health.List(health_pb2.HealthListRequest())).statuses
    return {name for name, status in statuses.items() if status.status == health_pb2.HealthCheckResponse.SERVING}


async def test_health_names_the_services_and_what_they_depend_on(postgres: Postgres, valkey: ServerProcess) -> None:
    url = postgres.new_database()
    async with (
        MoodyRedis(valkey.url).running() as moody,
        running_chat(url, moody.url, cache_wait_seconds=0.1) as chat,
        open_channel(chat.target, cap_seconds=PATIENCE_SECONDS) as channel,
    ):
        health = health_pb2_grpc.HealthStub(channel)
        await until(health, {"", "database", "redis", *SERVICES})
        await moody.leave()
        await until(health, {"", "database", *SERVICES})  # without its cache the chat goes on
        postgres.drop_database(url)
        await until(health, {""})


async def until(health: Any, expected: set[str]) -> None:
    """Waits until just these names are serving; what was found is kept for a moment."""

    async def are_serving() -> bool:
        return await serving(health) == expected

    await eventually(are_serving)
