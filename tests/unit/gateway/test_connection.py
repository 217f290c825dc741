"""The order and the pace of refusals of unparsed requests."""

from collections.abc import Callable
from typing import Any

from gateway.admission import Admission
from gateway.connection import Refusals


class Loop:
    """Keeps the scheduled callback until `tick`."""

    def call_later(self, _seconds: float, *called: Any) -> None:
        self._called = called

    def tick(self) -> None:
        callback, *arguments = self._called
        callback(*arguments)


class Client:
    """Adds its number to a shared list when refused."""

    is_to_be_refused = True

    def __init__(self, number: int, loop: Loop, refused: list[int]) -> None:
        self.loop = loop
        self.refuse_unread = lambda: refused.append(number)


def refusals_of(clients: int, clock: Callable[[], float]) -> tuple[Loop, list[int]]:
    loop, refused = Loop(), list[int]()
    refusals = Refusals(Admission(1, target_seconds=1.0), clock)
    for number in range(clients):
        refusals.add(Client(number, loop, refused))  # type: ignore[arg-type]
    return loop, refused


def test_the_newest_are_refused_first_and_among_four_one_of_the_oldest() -> None:
    loop, refused = refusals_of(8, lambda: 0.0)
    loop.tick()
    assert refused == [0, 7, 6, 5, 1, 4, 3, 2]


def test_refusing_takes_a_tenth_of_the_time_and_goes_on_in_the_next_tick() -> None:
    times = iter([0, 1000, *range(1000, 1140, 20), 2000, 3000, 3000])  # ticks of 1,000 s, refusals of 20 s
    loop, refused = refusals_of(7, lambda: next(times))
    loop.tick()
    assert len(refused) == 6
    loop.tick()
    assert len(refused) == 7
