"""The events of turns in real Valkey, and what is heard of them while it is away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis

from chat_service import turn_streams
from chat_service.answers import Delta, Retrying, Thinking, ToolCall, ToolEnded, ToolResult, ToolStarted, ToolUse
from chat_service.event_log import EventLog, Place
from chat_service.turn_events import Started, TurnEvent
from chat_service.turn_streams import TurnStreams
from servicekit.ids import new_id
from tests.contract.chat_service.running_chat import kinds, running_chat
from tests.eventually import eventually
from tests.integration.chat_service.moody_redis import MoodyRedis
from tests.real_servers import ServerProcess
from tests.scripted_messages_api import says

TABLE = {"columns": ["시각"], "rows": [["18시"], [None], [2**53 + 1]], "total_rows": 3}
USE = ToolUse("1", "get_value_counts", "{}")
EVENTS: list[TurnEvent] = [
    Started("c", "q", "m"),
    Thinking("세어 보자"),
    ToolStarted(USE),
    ToolEnded(ToolCall(USE, ToolResult("표", TABLE, None, "code", 3, 1), duration_ms=1.5)),
    ToolEnded(ToolCall(USE, None, "그런 도구는 없습니다.", broke_down=True)),
    Retrying("PROVIDER_FAILED", 0.5, "18"),
    Delta("18시입니다."),
]


@pytest.fixture
async def streams(valkey: ServerProcess) -> AsyncIterator[TurnStreams]:
    streams = TurnStreams(valkey.url)
    yield streams
    await streams.close()


@pytest.fixture
def question_id() -> str:
    return new_id()


def new_turn() -> EventLog:
    turn = EventLog()
    turn.attempt = new_id()
    return turn


async def heard(streams: TurnStreams, question_id: str, after: Place) -> list[tuple[Place, TurnEvent | None]]:
    """Returns what follows a place, up to the end of the turn."""
    found: list[tuple[Place, TurnEvent | None]] = []
    while not found or found[-1][1] is not None:
        place = found[-1][0] if found else after
        found += [item async for item in streams.follow(question_id, place, 0.05)]
    return found


async def test_every_event_is_heard_as_it_was_told_with_its_place(streams: TurnStreams, question_id: str) -> None:
    turn = new_turn()
    streams.publish(question_id, turn)
    for event in EVENTS:
        turn.tell(event)
    turn.end()
    *told, (_, end) = await heard(streams, question_id, Place(turn.attempt))
    assert told == [item async for item in turn.events()]
    assert end is None


async def test_listener_of_the_owner_goes_on_elsewhere_in_the_middle_of_a_text(
    streams: TurnStreams, question_id: str
) -> None:
    turn = new_turn()
    streams.publish(question_id, turn)
    turn.tell(Started("c", "q", "m"))
    turn.tell(Delta("18시"))
    await heard_until(streams, question_id, Place(turn.attempt), "18시")
    turn.tell(Delta("입니다"))  # of which the owner's listener has heard one syllable
    turn.end()
    (place, event), *_ = await heard(streams, question_id, Place(turn.attempt, 1, 4))
    assert (place, event) == (Place(turn.attempt, 1, 6), Delta("니다"))


async def heard_until(streams: TurnStreams, question_id: str, after: Place, text: str) -> None:
    async def is_heard() -> bool:
        return Delta(text) in [event async for _, event in streams.follow(question_id, after, 0)]

    await eventually(is_heard)


async def test_stream_is_gone_soon_after_its_turn(
    streams: TurnStreams, question_id: str, valkey: ServerProcess
) -> None:
    turn = new_turn()
    streams.publish(question_id, turn)
    turn.tell(EVENTS[0])
    with redis.Redis.from_url(f"{valkey.url}/1") as client:
        key = f"turn:{question_id}:{turn.attempt}"
        await eventually(lambda: 200 < int(client.ttl(key)) <= 240)
        turn.end()
        await heard(streams, question_id, Place(turn.attempt))
        await eventually(lambda: 0 < int(client.ttl(key)) <= 60)


async def test_turn_that_says_too_much_is_published_as_far_as_there_is_room(
    streams: TurnStreams, question_id: str, valkey: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_streams, "_LARGEST_BYTES", 200)
    turn = new_turn()
    streams.publish(question_id, turn)
    for event in (EVENTS[0], Thinking("하나"), Delta("가" * 200)):
        turn.tell(event)
    turn.end()
    await streams.close()
    found = [event async for _, event in streams.follow(question_id, Place(turn.attempt), 0)]
    assert found == [EVENTS[0], Thinking("하나")]


async def test_stream_that_was_lost_is_not_begun_in_the_middle(
    streams: TurnStreams, question_id: str, valkey: ServerProcess
) -> None:
    turn = new_turn()
    streams.publish(question_id, turn)
    turn.tell(EVENTS[0])
    turn.tell(Delta("18시"))
    await heard_until(streams, question_id, Place(turn.attempt), "18시")
    with redis.Redis.from_url(f"{valkey.url}/1") as client:
        client.delete(f"turn:{question_id}:{turn.attempt}")
        turn.tell(Delta("입니다"))
        turn.end()
        await streams.close()
        assert not client.exists(f"turn:{question_id}:{turn.attempt}")


async def test_turn_goes_on_while_redis_is_lost_and_listeners_elsewhere_get_its_end(
    database_url: str, valkey: ServerProcess
) -> None:
    async with (
        MoodyRedis(valkey.url).running() as moody,
        running_chat(database_url, moody.url) as chat,
        running_chat(database_url, moody.url) as other,
    ):
        gate = asyncio.Event()
        chat.api.script(says("18시입니다.", gate=gate))
        started = await chat.begin(chat.data.datasets.add())
        watching = other.watch(started.question_id)
        assert (await anext(watching)).start == started
        await chat.api.until_asked()
        await moody.leave()
        gate.set()
        events = [event async for event in watching]
        assert kinds(events) == ["done"]
        assert events[0].done.answer.content == "18시입니다."
        await moody.come_back()
