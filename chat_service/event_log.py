"""The events of one attempt to answer a question, and the places between them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple, Self

from chat_service.answers import Delta, Thinking
from chat_service.turn_events import TurnEvent
from servicekit.errors import field_refused


class Place(NamedTuple):
    """How far a listener has heard an attempt: a number of events, and of characters of the next one."""

    attempt: str = ""
    events: int = 0
    characters: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads an `event_id`; an empty one is before all events. Raises `REQUEST_INVALID`."""
        if not text:
            return cls()
        attempt, *numbers = text.split(".")
        if not attempt or len(numbers) != 2 or not all(number.isdecimal() and len(number) < 10 for number in numbers):
            raise field_refused("after", "VALUE_INVALID", "an event_id")
        return cls(attempt, *map(int, numbers))

    def __str__(self) -> str:
        return ".".join(map(str, self)) if self.attempt else ""


BEGINNING = Place()


class EventLog:
    """The events so far, in memory while the turn runs or has listeners; any number of them listen at once.

    Adjacent deltas are merged, so the size is bounded by the model's tokens and the results of its tools.
    """

    def __init__(self) -> None:
        self.attempt = ""
        self._events: list[TurnEvent] = []
        self._refusal: Exception | None = None
        self._is_over = False
        self._news = asyncio.Event()

    def tell(self, event: TurnEvent) -> None:
        """Adds an event."""
        last = self._events[-1] if self._events else None
        if isinstance(event, Delta) and isinstance(last, Delta):
            self._events[-1] = Delta(last.text + event.text)
        elif isinstance(event, Thinking) and isinstance(last, Thinking):
            self._events[-1] = Thinking(last.text + event.text)
        else:
            self._events.append(event)
        self._wake()

    def end(self, refusal: Exception | None = None) -> None:
        """Ends the events, unless they have ended; `refusal` is why the question was not even stored."""
        if not self._is_over:
            self._refusal, self._is_over = refusal, True
            self._wake()

    async def events(self, after: Place = BEGINNING) -> AsyncIterator[tuple[Place, TurnEvent]]:
        """Yields the events that follow a place, or all if it is of another attempt, each with the place behind it.

        Raises the refusal if the turn did not begin.
        """
        if after.attempt != self.attempt:
            after = BEGINNING
        while True:
            news = self._news
            for place, event in self._following(after):
                after = place
                yield place, event
            if self._refusal is not None:
                raise self._refusal
            if self._is_over:
                return
            await news.wait()

    def _following(self, after: Place) -> Iterator[tuple[Place, TurnEvent]]:
        _, at, told = after
        while at < len(self._events):
            event = self._events[at]
            if not isinstance(event, Delta | Thinking):
                at += 1
                yield Place(self.attempt, at), event
            elif told < len(event.text):
                part = type(event)(event.text[told:])
                told = len(event.text)
                yield Place(self.attempt, at, told), part
            elif at + 1 < len(self._events):
                at, told = at + 1, 0
            else:
                return  # it may still grow

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
