import asyncio

import pytest

from chat_service.answers import Delta, Retrying, Thinking
from chat_service.event_log import Place
from chat_service.running_turn import RunningTurn
from chat_service.turn_events import Started, TurnEvent
from servicekit.errors import Refused

STARTED = Started("c", "q", "m")


async def heard(turn: RunningTurn) -> list[TurnEvent]:
    return [event async for _, event in turn.events()]


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
    events = [(await anext(early))[1]]
    for text in "여덟 시":
        turn.tell(Delta(text))
        events.append((await anext(early))[1])
    late = asyncio.create_task(heard(turn))
    await asyncio.sleep(0)
    turn.tell(Delta("입니다"))
    turn.end()
    events += [event async for _, event in early]
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


async def test_listener_goes_on_behind_any_place_and_hears_nothing_twice() -> None:
    turn = RunningTurn()
    turn.attempt = "a"
    thought = Thinking("세어"), Thinking(" 보자")
    for event in (STARTED, *thought, Delta("18"), Delta("시"), Retrying("x", 0.1), Delta("다")):
        turn.tell(event)
    turn.end()
    told = [item async for item in turn.events()]
    for at, (place, _) in enumerate(told):
        assert [item async for item in turn.events(Place.parse(str(place)))] == told[at + 1 :]
    assert (await anext(turn.events(Place("a", 2, 1))))[1] == Delta("8시")
    assert [item async for item in turn.events(Place("another", 3, 1))] == told


@pytest.mark.parametrize("text", ["a", "a.1", ".1.2", "a.1.x", "a.1.2.3", "a.-1.2", "a.1.99999999999"])
def test_text_that_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="REQUEST_INVALID"):
        Place.parse(text)
