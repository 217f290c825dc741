import asyncio

from chat_service.answer_cache import AnswerCache, CachedAnswer
from chat_service.flights import Flights

ANSWER = CachedAnswer("18시", (), "m")
CACHE = AnswerCache("redis://127.0.0.1:1", 60, wait_seconds=1.0)  # not asked for what is in this process


async def test_followers_get_the_answer_of_the_leader() -> None:
    flights = Flights(CACHE)
    with flights.lead("a") as leader:
        following = [asyncio.create_task(flights.follow("a")) for _ in range(3)]
        assert await flights.follow("another") is None
        await asyncio.sleep(0)
        leader.set_result(ANSWER)
    assert await asyncio.gather(*following) == [ANSWER] * 3
    assert await flights.follow("a") is None


async def test_one_of_the_followers_leads_when_the_leader_fails() -> None:
    flights, led = Flights(CACHE), list[str]()

    async def ask(name: str) -> CachedAnswer:
        found = await flights.follow("a")
        if found is not None:
            return found
        with flights.lead("a") as leader:
            led.append(name)
            await asyncio.sleep(0)
            leader.set_result(ANSWER)
            return ANSWER

    with flights.lead("a"):  # and is left without a result
        asking = [asyncio.create_task(ask(name)) for name in "bcd"]
        await asyncio.sleep(0)
    assert await asyncio.gather(*asking) == [ANSWER] * 3
    assert led == ["b"]


async def test_follower_that_leaves_does_not_disturb_the_others() -> None:
    flights = Flights(CACHE)
    with flights.lead("a") as leader:
        leaving, staying = asyncio.create_task(flights.follow("a")), asyncio.create_task(flights.follow("a"))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait((leaving,))
        leader.set_result(ANSWER)
    assert await staying == ANSWER
