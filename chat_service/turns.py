"""One turn of a conversation: a question is stored, answered, and its answer stored, whatever happens in between.

A turn runs in a task of its own. Whoever listens to it may leave; `stop` then ends the request to the model and keeps
what had been said.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog
from pydantic import SecretStr

from chat_service.agent import Agent, Ask
from chat_service.answer_cache import AnswerCache, CachedAnswer, cache_key
from chat_service.answers import Delta, Draft, Retrying, RunEvent, Thinking, ToolEnded, ToolStarted
from chat_service.claude import Claude, Prompt
from chat_service.datasets import DatasetFacts, Datasets
from chat_service.errors import ChatBusy, ProviderTimedOut
from chat_service.flights import Flights
from chat_service.prices import ModelFile
from chat_service.prompts import MOST_TURNS, SYSTEM, conversation, dataset_text, version_of
from chat_service.retries import Retries
from chat_service.settings import ChatSettings
from chat_service.store import ChatStore, Conversation, Ending, Message, NewAnswer, NewQuestion, StoredQuestion
from chat_service.text import shortened
from chat_service.tools import Catalogue, Tool
from servicekit import call_context
from servicekit.errors import DomainError, ServiceBroken
from servicekit.ids import new_id

LONGEST_TITLE = 40
# Kept back of the caller's time for storing the end of a run and telling of it.
_CLOSING_SECONDS = 1.0

log = structlog.get_logger()
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks. Without `conversation_id` it begins a conversation; `expected_version` 0 expects nothing."""

    dataset_id: str
    text: str
    conversation_id: str | None = None
    expected_version: int = 0
    client_id: str = ""
    model: str = ""
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The question is stored and the run has begun."""

    conversation_id: str
    question_id: str
    model: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete and stored."""

    answer: Message
    conversation: Conversation
    conflict: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no answer; the question is stored with the failure, unless even that failed."""

    error: DomainError
    conversation: Conversation | None


TurnEvent = Started | Thinking | Delta | ToolStarted | ToolEnded | Retrying | Done | Failed
_TOLD = Thinking | Delta | ToolStarted | ToolEnded | Retrying


class Turn:
    """A turn under way."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[TurnEvent | Exception | None] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def tell(self, event: TurnEvent | Exception | None) -> None:
        """Adds what happened: an event, the refusal of the whole question, or None for the end."""
        self._events.put_nowait(event)

    async def events(self) -> AsyncIterator[TurnEvent]:
        """Yields what happens; the last is `Done` or `Failed`. Raises a DomainError when nothing was begun."""
        while (event := await self._events.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event

    def stop(self) -> None:
        """Ends the run, if it has not ended. What was said until now is stored."""
        if self.task is not None:
            self.task.cancel()


@dataclass(frozen=True, slots=True)
class _Plan:
    """A question with all that its answer depends on."""

    question: NewQuestion
    model: str
    facts: DatasetFacts
    tools: tuple[Tool, ...]
    said: list[tuple[str, str]]
    find_under: list[str]
    keep_under: list[str]
    began: float

    @property
    def flight(self) -> str:
        return self.keep_under[0]

    @property
    def here(self) -> str:
        """The key in its own conversation."""
        return self.keep_under[-1]

    @property
    def duration_ms(self) -> float:
        return round((time.perf_counter() - self.began) * 1000, 2)


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
    ) -> None:
        self._settings = settings
        retries = Retries(settings.model_attempts, settings.retry_seconds)
        self._agent = Agent(claude, catalogue, settings.max_rounds, retries)
        self._catalogue = catalogue
        self._datasets = datasets
        self._store = store
        self._cache = cache
        self._models = models
        self._flights = Flights()
        self._tasks: set[asyncio.Task[None]] = set()
        self._versioned_tools: tuple[Tool, ...] = ()
        self._version = ""
        self.under_way = 0

    def begin(self, question: Question, api_key: SecretStr) -> Turn:
        """Begins a turn and returns it at once."""
        turn = Turn()
        turn.task = asyncio.create_task(self._run(question, api_key, turn))
        self._tasks.add(turn.task)
        turn.task.add_done_callback(self._tasks.discard)
        return turn

    async def close(self) -> None:
        """Stops the turns under way and waits until they are stored."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(self, question: Question, api_key: SecretStr, turn: Turn) -> None:
        try:
            plan = await self._plan(question)
            cached = await self._cache.find(plan.find_under)
            if cached is None:
                await self._run_planned(plan, api_key, turn)
            else:
                await self._store_cached(plan, cached, turn)
        except Exception as error:  # noqa: BLE001 - nothing has begun: whatever it is, it is the caller's to hear
            turn.tell(error)
        finally:
            turn.tell(None)

    async def _plan(self, question: Question) -> _Plan:
        began = time.perf_counter()
        facts, tools, said = await asyncio.gather(
            self._datasets.describe(question.dataset_id), self._catalogue.tools(), self._said(question)
        )
        model = question.model or self._settings.model
        conversation_id = question.conversation_id or new_id()
        version = self._version_of(tools)

        def key(conversation_id: str = "") -> str:
            return cache_key(
                question.text,
                content_hash=facts.content_hash,
                model=model,
                version=version,
                conversation_id=conversation_id,
            )

        anywhere = [] if said else [key()]
        here = [key(conversation_id)]
        return _Plan(
            question=NewQuestion(
                id=new_id(),
                content=question.text,
                conversation_id=conversation_id,
                is_new=question.conversation_id is None,
                dataset_id=question.dataset_id,
                dataset_name=facts.name,
                client_id=question.client_id,
                title=shortened(question.text, LONGEST_TITLE),
                expected_version=question.expected_version,
                retry_of=question.retry_of,
            ),
            model=model,
            facts=facts,
            tools=tools,
            said=said,
            find_under=anywhere + (here if question.conversation_id else []),
            keep_under=anywhere + here,
            began=began,
        )

    def _version_of(self, tools: tuple[Tool, ...]) -> str:
        if tools is not self._versioned_tools:
            self._versioned_tools = tools
            self._version = version_of([tool.definition for tool in tools], self._settings.effort)
        return self._version

    async def _said(self, question: Question) -> list[tuple[str, str]]:
        if question.conversation_id is None:
            return []
        return await asyncio.to_thread(
            self._store.said, question.conversation_id, before=question.retry_of, most=MOST_TURNS
        )

    async def _store_cached(self, plan: _Plan, cached: CachedAnswer, turn: Turn) -> None:
        answer = _answer_from_cache(plan, cached)
        (stored, ending), _ = await asyncio.gather(
            _whole(asyncio.to_thread(self._store.store_turn, plan.question, answer)),
            self._cache.copy(plan.flight, plan.here),
        )
        turn.tell(Started(stored.conversation_id, stored.id, plan.model))
        turn.tell(Done(ending.answer, ending.conversation, ending.conflict))

    async def _run_planned(self, plan: _Plan, api_key: SecretStr, turn: Turn) -> None:
        with self._counted():
            stored = await self._begin(plan)
            turn.tell(Started(stored.conversation_id, stored.id, plan.model))
            draft = Draft()
            try:
                ending = await self._answer(plan, stored, api_key, draft, turn)
            except TimeoutError:
                await self._fail(plan, stored, ProviderTimedOut("The run took longer than it may."), turn)
            except DomainError as error:
                await self._fail(plan, stored, error, turn)
            except asyncio.CancelledError:
                await self._stop(plan, stored, draft)
                raise
            except Exception:
                log.exception("turn_failed", question_id=stored.id)
                await self._fail(plan, stored, ServiceBroken("An unforeseen fault; see the log."), turn)
            else:
                turn.tell(Done(ending.answer, ending.conversation, ending.conflict))
                _log_end("complete", plan, stored, draft)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if self.under_way >= self._settings.max_runs:
            raise ChatBusy(f"{self.under_way} questions are being answered.")
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    async def _begin(self, plan: _Plan) -> StoredQuestion:
        beginning = asyncio.ensure_future(asyncio.to_thread(self._store.begin_turn, plan.question))
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:
            await self._stop(plan, await beginning, Draft())
            raise

    async def _answer(
        self, plan: _Plan, stored: StoredQuestion, api_key: SecretStr, draft: Draft, turn: Turn
    ) -> Ending:
        """Stores an answer: that of the same question under way, or one of its own. Raises when there is none."""
        seconds = call_context.time_left(self._settings.run_seconds + _CLOSING_SECONDS) - _CLOSING_SECONDS
        deadline = asyncio.get_running_loop().time() + seconds
        async with asyncio.timeout_at(deadline):
            cached = await self._flights.follow(plan.flight)
        if cached is not None:
            ending = await self._end(stored, _answer_from_cache(plan, cached))
            await self._cache.copy(plan.flight, plan.here)
            return ending
        with self._flights.lead(plan.flight) as leader:
            async with asyncio.timeout_at(deadline):
                await self._ask(plan, stored, api_key, draft, turn, deadline)
            ending = await self._end(stored, self._answer_from(plan, draft))
            if draft.is_reliable:
                answer = CachedAnswer(ending.answer.content, ending.answer.tool_calls, plan.model)
                await self._cache.keep(plan.keep_under, answer)
                leader.set_result(answer)
            return ending

    async def _end(self, stored: StoredQuestion, answer: NewAnswer) -> Ending:
        return await _whole(asyncio.to_thread(self._store.end_turn, stored, answer))

    async def _ask(
        self, plan: _Plan, stored: StoredQuestion, api_key: SecretStr, draft: Draft, turn: Turn, deadline: float
    ) -> None:
        def emit(event: RunEvent) -> None:
            shown = draft.add(event)
            if isinstance(shown, _TOLD):
                turn.tell(shown)

        prompt = Prompt(plan.model, [tool.definition for tool in plan.tools], SYSTEM, dataset_text(plan.facts))
        messages = conversation(plan.said, plan.question.content)
        async with self._datasets.in_use(plan.facts.dataset_id, holder=f"chat:{stored.id}"):
            await self._agent.answer(Ask(api_key, plan.facts.dataset_id, prompt, messages, deadline), emit)

    def _answer_from(self, plan: _Plan, draft: Draft, *, is_stopped: bool = False) -> NewAnswer:
        return NewAnswer(
            id=new_id(),
            content=draft.text.strip(),
            tool_calls=draft.tool_calls,
            usage=draft.usage,
            cost_usd=self._models.cost(plan.model, draft.rounds),
            cache_hit=False,
            model=plan.model,
            duration_ms=plan.duration_ms,
            is_stopped=is_stopped,
        )

    async def _fail(self, plan: _Plan, stored: StoredQuestion, error: DomainError, turn: Turn) -> None:
        """Marks the failure at the question, so that it can be asked again, and tells of it."""
        found: Conversation | None = None
        try:
            found = await _whole(asyncio.to_thread(self._store.fail_turn, stored, error.reason))
        except DomainError as further:  # the question counts as failed once no run could take as long
            log.warning("failure_not_stored", question_id=stored.id, error=further.message)
        turn.tell(Failed(error, found))
        _log_end(error.reason, plan, stored)

    async def _stop(self, plan: _Plan, stored: StoredQuestion, draft: Draft) -> None:
        has_said_something = bool(draft.text.strip() or draft.tool_calls)
        answer = self._answer_from(plan, draft, is_stopped=True) if has_said_something else None
        try:
            await _whole(asyncio.to_thread(self._store.stop_turn, stored, answer))
        except DomainError as error:
            log.warning("stop_not_stored", question_id=stored.id, error=error.message)
        _log_end("stopped", plan, stored, draft)


def _answer_from_cache(plan: _Plan, cached: CachedAnswer) -> NewAnswer:
    return NewAnswer(
        id=new_id(),
        content=cached.content,
        tool_calls=cached.tool_calls,
        usage=None,
        cost_usd=None,
        cache_hit=True,
        model=cached.model,
        duration_ms=plan.duration_ms,
    )


def _log_end(outcome: str, plan: _Plan, stored: StoredQuestion, draft: Draft | None = None) -> None:
    draft = draft or Draft()
    log.info(
        "turn_ended",
        outcome=outcome,
        question_id=stored.id,
        model=plan.model,
        rounds=len(draft.rounds),
        tools=[call.use.name for call in draft.tool_calls],
        tokens=draft.usage.total,
        duration_ms=plan.duration_ms,
    )


async def _whole(work: Awaitable[Result]) -> Result:
    """Awaits a transaction. Who is cancelled meanwhile waits for its end, and so knows what is stored."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait((running,))
        raise
