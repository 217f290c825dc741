"""Turns of a conversation: the question is stored, answered, and its answer or failure stored.

A turn belongs to the service: it runs in its own task, with its own deadline. Callers can listen and leave at any time;
only `stop` ends a turn early, and keeps the answer so far.
"""

import asyncio
from collections.abc import AsyncIterator

from pydantic import SecretStr

from chat_service.answer_cache import AnswerCache
from chat_service.answering import Answering
from chat_service.event_log import BEGINNING, Place
from chat_service.leases import Leases
from chat_service.plans import Plan, Planner, Question
from chat_service.refused_keys import RefusedKeys
from chat_service.running_turn import RunningTurn
from chat_service.turn_events import Started, TurnEnd, TurnEvent, end_of
from chat_service.turn_record import TurnRecord
from chat_service.turn_store import KeptTurn, TurnStore
from chat_service.turn_streams import TurnStreams
from servicekit import call_context
from servicekit.errors import Refused

# How often to poll for the end of a turn in another process.
_LOOK_SECONDS = 0.25
# By when the last events of a turn of another process have arrived, once it has ended.
_PUBLISHED_SECONDS = 1.0


class Turns:
    """The turns of this process: begins, follows and stops them. `under_way` counts those being answered."""

    def __init__(
        self,
        max_runs: int,
        *,
        planner: Planner,
        cache: AnswerCache,
        record: TurnRecord,
        answering: Answering,
        store: TurnStore,
        leases: Leases,
        streams: TurnStreams,
        refused_keys: RefusedKeys,
    ) -> None:
        self._max_runs = max_runs
        self._planner = planner
        self._cache = cache
        self._record = record
        self._answering = answering
        self._store = store
        self._leases = leases
        self._streams = streams
        self._refused_keys = refused_keys
        self._turns: set[RunningTurn] = set()
        self._by_question: dict[str, RunningTurn] = {}
        self._is_draining, self._drained_at = False, 0.0
        self.under_way = 0

    def begin(self, question: Question, api_key: SecretStr) -> RunningTurn:
        """Begins a turn and returns it at once."""
        turn = RunningTurn()
        self._turns.add(turn)
        turn.run(self._run(question, api_key, turn)).add_done_callback(lambda _: self._turns.discard(turn))
        return turn

    async def watch(self, question_id: str, after: Place = BEGINNING) -> AsyncIterator[tuple[Place, TurnEvent | None]]:
        """Yields the events of a question's turn that follow a place, with the places behind them, then new ones.

        The last is a `TurnEnd`, unless this process stops before. To one who goes on listening, None comes first, at
        once. Raises `QUESTION_NOT_FOUND`.
        """
        is_started = goes_on = bool(after.attempt)
        wait_seconds = 0.0  # what is there already comes first
        while (turn := self._by_question.get(question_id)) is None:
            kept = await asyncio.to_thread(self._store.find_turn, question_id)
            if goes_on:
                goes_on = False
                yield after, None
            if kept.lease_id not in ("", after.attempt):
                after = Place(kept.lease_id)
            if not kept.is_pending and after.attempt:
                wait_seconds = _PUBLISHED_SECONDS
            async for place, event in self._streams.follow(question_id, after, wait_seconds):
                after = place
                if event is None:
                    break
                if not (is_started and isinstance(event, Started)):
                    is_started = True
                    yield place, event
            if not is_started:
                is_started = True
                yield after, Started(kept.conversation.id, question_id, kept.answer.model if kept.answer else "")
            if not kept.is_pending:
                yield after, end_of(kept)
                return
            if self._is_draining:
                return
            wait_seconds = _LOOK_SECONDS
        if goes_on:
            yield after, None
        async for place, event in turn.events(after):
            if not (is_started and isinstance(event, Started)):
                yield place, event

    async def stop(self, question_id: str) -> TurnEnd:
        """Stops a turn unless it has ended, and returns how it ended. Raises `QUESTION_NOT_FOUND`."""
        turn = self._by_question.get(question_id)
        if turn is not None:
            await turn.stop()
        kept = await asyncio.to_thread(self._store.find_turn, question_id)
        if kept.is_pending:
            if kept.lease_id:
                await asyncio.to_thread(self._store.request_stop, question_id)
            else:  # of an earlier version, which cannot be asked
                await asyncio.to_thread(self._store.stop_turn, kept.stored, None)
            kept = await self._wait_for_end(question_id)
        return end_of(kept)

    async def _wait_for_end(self, question_id: str) -> KeptTurn:
        """Returns a turn of another process once it has ended, at the latest when its lease has expired."""
        while True:
            kept = await asyncio.to_thread(self._store.find_turn, question_id)
            if not kept.is_pending:
                return kept
            await asyncio.sleep(_LOOK_SECONDS)

    def drain(self, grace_seconds: float) -> None:
        """Gives the running turns a time to end. Those who watch turns of other processes are let go."""
        self._is_draining = True
        self._drained_at = asyncio.get_running_loop().time() + grace_seconds

    async def close(self) -> None:
        """Waits for the running turns as long as `drain` said, then stops them and waits until they are stored."""
        seconds_left = max(0.0, self._drained_at - asyncio.get_running_loop().time())
        await asyncio.gather(*(turn.ended(seconds_left) for turn in self._turns))
        await asyncio.gather(*(turn.stop() for turn in self._turns))
        await self._record.close()

    async def _run(self, question: Question, api_key: SecretStr, turn: RunningTurn) -> None:
        call_context.set_time_left(None)  # the turn has its own deadline
        refusal: Exception | None = None
        try:
            plan = await self._planner.plan(question, may_share_answers=api_key not in self._refused_keys)
            cached = await self._cache.find(plan.find_under)
            if cached is None:
                await self._answer(plan, api_key, turn)
            else:
                (started, done), _ = await asyncio.gather(
                    self._record.store_cached(plan, cached), self._cache.copy(plan.flight, plan.here)
                )
                turn.tell(started)
                turn.tell(done)
        except asyncio.CancelledError:
            pass  # not raised: the frames of its traceback would keep the key
        except Exception as error:  # noqa: BLE001 - nothing has begun: raised to the caller
            refusal = error
        finally:
            turn.end(refusal)

    async def _answer(self, plan: Plan, api_key: SecretStr, turn: RunningTurn) -> None:
        if self.under_way >= self._max_runs:
            raise Refused("CHAT_BUSY", f"{self.under_way} questions are being answered.")
        self.under_way += 1
        try:
            stored = await self._record.begin(plan)
            self._by_question[stored.id] = turn
            self._leases.hold(stored.lease_id, turn)
            turn.attempt = stored.lease_id
            self._streams.publish(stored.id, turn)
            try:
                turn.tell(Started(stored.conversation_id, stored.id, plan.model))
                turn.tell(await self._answering.answer(plan, stored, api_key, turn.tell))
            finally:
                del self._by_question[stored.id]
        finally:
            self.under_way -= 1
