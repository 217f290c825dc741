"""Turns of a conversation: the question is stored, answered, and its answer or failure stored.

A turn belongs to the service: it runs in its own task, with its own deadline. Callers can listen and leave at any time;
only `stop` ends a turn early, and keeps the answer so far.
"""

import asyncio
from collections.abc import AsyncIterator

from pydantic import SecretStr

from chat_service.answer_cache import AnswerCache
from chat_service.answering import Answering
from chat_service.leases import Leases
from chat_service.plans import Plan, Planner, Question
from chat_service.refused_keys import RefusedKeys
from chat_service.running_turn import RunningTurn
from chat_service.turn_events import Started, TurnEnd, TurnEvent, end_of
from chat_service.turn_record import TurnRecord
from chat_service.turn_store import KeptTurn, TurnStore
from servicekit import call_context
from servicekit.errors import Refused

# How often to poll for the end of a turn in another process.
_LOOK_SECONDS = 0.25


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
        refused_keys: RefusedKeys,
    ) -> None:
        self._max_runs = max_runs
        self._planner = planner
        self._cache = cache
        self._record = record
        self._answering = answering
        self._store = store
        self._leases = leases
        self._refused_keys = refused_keys
        self._turns: set[RunningTurn] = set()
        self._by_question: dict[str, RunningTurn] = {}
        self.under_way = 0

    def begin(self, question: Question, api_key: SecretStr) -> RunningTurn:
        """Begins a turn and returns it at once."""
        turn = RunningTurn()
        self._turns.add(turn)
        turn.run(self._run(question, api_key, turn)).add_done_callback(lambda _: self._turns.discard(turn))
        return turn

    async def watch(self, question_id: str) -> AsyncIterator[TurnEvent]:
        """Yields the events of a question's turn so far, then new ones; the last is a `TurnEnd`.

        Raises `QUESTION_NOT_FOUND`.
        """
        is_told = False
        while (turn := self._by_question.get(question_id)) is None:
            kept = await asyncio.to_thread(self._store.find_turn, question_id)
            if not is_told:
                is_told = True
                model = "" if kept.answer is None else kept.answer.model
                yield Started(kept.conversation.id, question_id, model)
            if not kept.is_pending:
                yield end_of(kept)
                return
            await asyncio.sleep(_LOOK_SECONDS)
        async for event in turn.events():
            if not (is_told and isinstance(event, Started)):
                yield event

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

    async def close(self) -> None:
        """Stops the running turns and waits until they are stored."""
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
            try:
                turn.tell(Started(stored.conversation_id, stored.id, plan.model))
                turn.tell(await self._answering.answer(plan, stored, api_key, turn.tell))
            finally:
                del self._by_question[stored.id]
        finally:
            self.under_way -= 1
