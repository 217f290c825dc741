"""A turn in progress: any number of listeners get its events from the beginning, then as they happen."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from chat_service.answers import Delta, Thinking
from chat_service.turn_events import TurnEvent


class RunningTurn:
    """The events of one turn, in memory while it runs or has listeners.

    Adjacent deltas are merged, so the size is bounded by the model's tokens and the results of its tools.
    """

    def __init__(self) -> None:
        self._events: list[TurnEvent] = []
        self._refusal: Exception | None = None
        self._is_over = False
        self._news = asyncio.Event()
        self._task: asyncio.Task[None]
        self._is_stopping = False

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs the turn in its own task."""
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(self._end_for_all)
        return self._task

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
        """Ends the events; `refusal` is why the question was not even stored."""
        self._refusal, self._is_over = refusal, True
        self._wake()

    def _end_for_all(self, _: asyncio.Task[None]) -> None:
        if not self._is_over:  # stopped before it began
            self.end()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def events(self) -> AsyncIterator[TurnEvent]:
        """Yields all events so far, then new ones. Raises the refusal if the turn did not begin."""
        at = told = 0  # yielded events, and yielded characters of the next one
        while True:
            news = self._news
            while at < len(self._events):
                event = self._events[at]
                if not isinstance(event, Delta | Thinking):
                    at += 1
                    yield event
                elif told < len(event.text):
                    part = type(event)(event.text[told:])
                    told = len(event.text)
                    yield part
                elif at + 1 < len(self._events):
                    at, told = at + 1, 0
                else:
                    break  # it may still grow
            if self._refusal is not None:
                raise self._refusal
            if self._is_over:
                return
            await news.wait()

    def cancel(self) -> None:
        """Stops the run unless it has ended."""
        if not self._is_stopping:
            self._is_stopping = True
            self._task.cancel()

    async def stop(self) -> None:
        """Stops the run unless it has ended, and waits until its answer so far is stored."""
        self.cancel()
        await asyncio.wait((self._task,))
