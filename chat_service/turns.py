"""Turns of a conversation: the question is stored, answered, and its answer or failure stored.

A turn belongs to the service: it runs in its own task, with its own deadline. Callers can listen and leave at any time;
only `stop` ends a turn early, and keeps the answer so far.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import structlog
from pydantic import SecretStr

from chat_service.agent import Agent, Ask
from chat_service.answer_cache import AnswerCache, CachedAnswer
from chat_service.answers import Delta, Draft, Retrying, RunEvent, Thinking, ToolEnded, ToolStarted
from chat_service.claude import Claude
from chat_service.datasets import Datasets
from chat_service.errors import ProviderTrouble
from chat_service.flights import Flights
from chat_service.plans import Plan, Planner, Question
from chat_service.prices import ModelFile
from chat_service.refused_keys import RefusedKeys
from chat_service.retries import Retries
from chat_service.running_turn import RunningTurn
from chat_service.settings import ChatSettings
from chat_service.store import ChatStore, StoredQuestion
from chat_service.tools import Catalogue
from chat_service.turn_events import Done, Started, TurnEnd, TurnEvent, end_of, failed_with
from chat_service.turn_record import AnswerUnstored, TurnRecord, log_end
from servicekit import call_context
from servicekit.errors import Refused

_TOLD = Thinking | Delta | ToolStarted | ToolEnded | Retrying
# How often to poll for the end of a turn in another process.
_LOOK_SECONDS = 0.5

log = structlog.get_logger()


class Turns:
    """Answers questions."""

    def __init__(
        self,
        settings: ChatSettings,
        *,
        claude: Claude,
        catalogue: Catalogue,
        datasets: Datasets,
        store: ChatStore,
        cache: AnswerCache,
        models: ModelFile,
        refused_keys: RefusedKeys,
    ) -> None:
        self._refused_keys = refused_keys
        self._settings = settings
        retries = Retries(settings.model_attempts, settings.retry_seconds)
        self._agent = Agent(claude, catalogue, settings.max_rounds, retries)
        self._datasets = datasets
        self._store = store
        self._cache = cache
        self._planner = Planner(settings, catalogue=catalogue, datasets=datasets, store=store)
        self._record = TurnRecord(store, models, settings.store_seconds)
        self._flights = Flights()
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
        if kept.is_pending:  # not running here: abandoned, or in a process that is stopping
            await asyncio.to_thread(self._store.stop_turn, kept.stored, None)
            kept = await asyncio.to_thread(self._store.find_turn, question_id)
        return end_of(kept)

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
                await self._run_planned(plan, api_key, turn)
            else:
                await self._store_cached(plan, cached, turn)
        except asyncio.CancelledError:
            pass  # not raised: the frames of its traceback would keep the key
        except Exception as error:  # noqa: BLE001 - nothing has begun: raised to the caller
            refusal = error
        finally:
            turn.end(refusal)

    async def _store_cached(self, plan: Plan, cached: CachedAnswer, turn: RunningTurn) -> None:
        (started, done), _ = await asyncio.gather(
            self._record.store_cached(plan, cached), self._cache.copy(plan.flight, plan.here)
        )
        turn.tell(started)
        turn.tell(done)

    async def _run_planned(self, plan: Plan, api_key: SecretStr, turn: RunningTurn) -> None:
        with self._counted():
            stored = await self._record.begin(plan)
            with self._findable(stored.id, turn):
                turn.tell(Started(stored.conversation_id, stored.id, plan.model))
                await self._run_stored(plan, stored, api_key, turn)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if self.under_way >= self._settings.max_runs:
            raise Refused("CHAT_BUSY", f"{self.under_way} questions are being answered.")
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    @contextmanager
    def _findable(self, question_id: str, turn: RunningTurn) -> Iterator[None]:
        self._by_question[question_id] = turn
        try:
            yield
        finally:
            del self._by_question[question_id]

    async def _run_stored(self, plan: Plan, stored: StoredQuestion, api_key: SecretStr, turn: RunningTurn) -> None:
        draft = Draft()
        try:
            end: TurnEnd = await self._answer(plan, stored, api_key, draft, turn)
            log_end("complete", plan, stored, draft)
        except AnswerUnstored as unstored:
            end = failed_with(unstored.cause, None)
            log_end(unstored.cause.reason, plan, stored, draft)
        except TimeoutError:
            end = await self._record.fail(
                plan, stored, ProviderTrouble("PROVIDER_TIMED_OUT", "The run took longer than it may."), draft
            )
        except Refused as error:
            end = await self._record.fail(plan, stored, error, draft)
        except asyncio.CancelledError:
            end = await self._record.stop(plan, stored, draft)
        except Exception:
            log.exception("turn_failed", question_id=stored.id)
            end = await self._record.fail(plan, stored, Refused("INTERNAL", "An unforeseen fault; see the log."), draft)
        turn.tell(end)

    async def _answer(
        self, plan: Plan, stored: StoredQuestion, api_key: SecretStr, draft: Draft, turn: RunningTurn
    ) -> Done:
        """Stores an answer: that of an equal question in progress, or its own. Raises if there is none."""
        deadline = asyncio.get_running_loop().time() + self._settings.run_seconds
        async with asyncio.timeout_at(deadline):
            cached = await self._flights.follow(plan.flight)
        if cached is not None:
            done = await self._record.complete_from_cache(plan, stored, cached)
            await self._cache.copy(plan.flight, plan.here)
            return done
        with self._flights.lead(plan.flight) as leader:
            async with asyncio.timeout_at(deadline):
                await self._ask(plan, stored, api_key, draft, turn, deadline)
            done = await self._record.complete(plan, stored, draft)
            if draft.is_reliable:
                answer = CachedAnswer(done.answer.content, done.answer.tool_calls, plan.model)
                await self._cache.keep(plan.keep_under, answer)
                leader.set_result(answer)
            return done

    async def _ask(
        self, plan: Plan, stored: StoredQuestion, api_key: SecretStr, draft: Draft, turn: RunningTurn, deadline: float
    ) -> None:
        def emit(event: RunEvent) -> None:
            shown = draft.add(event)
            if isinstance(shown, _TOLD):
                turn.tell(shown)

        async with self._datasets.in_use(plan.facts.dataset_id, holder=f"chat:{stored.id}"):
            await self._agent.answer(Ask(api_key, plan.facts.dataset_id, plan.prompt, plan.messages, deadline), emit)
