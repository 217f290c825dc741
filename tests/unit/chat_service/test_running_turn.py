import asyncio

import pytest

from chat_service.answers import Delta, Thinking
from chat_service.running_turn import RunningTurn
from chat_service.turn_events import Started, TurnEvent
from servicekit.errors import Refused

STARTED = Started("c", "q", "m")


async def heard(turn: RunningTurn) -> list[TurnEvent]:
    return [event async for event in turn.events()]


async def test_adjacent_words_are_kept_as_one_event() -> None:
    turn = RunningTurn()
    for event in (STARTED, Thinking("세어 "), Thinking("보자"), Delta("18"), Delta("시"), Thinking("음"), Delta("다")):
        turn.tell(event)
    turn.end()
    assert await heard(turn) == [STARTED, Thinking("세어 보자"), Delta("18시"), Thinking("음"), Delta("다")]


async def test_listener_hears_each_word_once_whenever_it_comes() -> None:
    turn = RunningTurn()
    turn.tell(STARTED)
    early = aiter(turn.events())
    events = [await anext(early)]
    for text in "여덟 시":
        turn.tell(Delta(text))
        events.append(await anext(early))
    late = asyncio.create_task(heard(turn))
    await asyncio.sleep(0)
    turn.tell(Delta("입니다"))
    turn.end()
    events += [event async for event in early]
    assert _said(events) == _said(await late) == "여덟 시입니다"
    assert len(events) > len(await late)


async def test_turn_that_is_stopped_before_it_began_ends_for_its_listeners() -> None:
    turn = RunningTurn()
    turn.run(asyncio.sleep(0))
    await turn.stop()
    assert await heard(turn) == []


async def test_refusal_reaches_the_listener() -> None:
    turn = RunningTurn()
    turn.end(Refused("CHAT_BUSY", "busy"))
    with pytest.raises(Refused, match="CHAT_BUSY"):
        await heard(turn)


def _said(events: list[TurnEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))
