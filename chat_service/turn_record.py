"""Stores turns, and returns the events of their ends: answered, failed or stopped."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Literal, TypeVar

import structlog

from chat_service.answer_cache import CachedAnswer
from chat_service.answers import Draft, NumberCheck
from chat_service.errors import LeaseLost
from chat_service.late_writes import LateWrites, finish, insist
from chat_service.leases import Leases
from chat_service.number_check.check import check_numbers
from chat_service.plans import Plan
from chat_service.prices import ModelFile
from chat_service.rows import Conversation, Message
from chat_service.turn_events import Done, Started, TurnEnd, end_of, failed_with
from chat_service.turn_store import Ending, NewAnswer, StoredQuestion, TurnStore
from servicekit.errors import DatabaseUnavailable, Refused

log = structlog.get_logger()
Result = TypeVar("Result")


class AnswerUnstored(Exception):
    """The store has been down for too long; the answer is stored once it is back. `cause` says why."""

    def __init__(self, cause: DatabaseUnavailable) -> None:
        super().__init__(cause.message)
        self.cause = cause


class TurnRecord:
    """Stores turns. A started transaction is always awaited, so that the caller knows what was stored.

    `fail` and `stop` return even if cancelled, so that listeners learn how the turn ended. While the database is down,
    an answer is retried for `store_seconds`, then in the background; other ends are retried in the background at once.
    The lease of a turn is released once its end is stored. An end that comes after the lease was lost is not stored.
    """

    def __init__(self, store: TurnStore, leases: Leases, models: ModelFile, store_seconds: float) -> None:
        self._store = store
        self._leases = leases
        self._models = models
        self._store_seconds = store_seconds
        self._late = LateWrites()

    async def begin(self, plan: Plan) -> StoredQuestion:
        """Stores the question. If cancelled meanwhile, stores the stop as well."""
        beginning = asyncio.ensure_future(asyncio.to_thread(self._store.begin_turn, plan.question))
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:
            await self.stop(plan, await beginning, Draft())
            raise

    async def store_cached(self, plan: Plan, cached: CachedAnswer) -> tuple[Started, Done]:
        """Stores the question with a cached answer."""
        answer = _answer_from_cache(plan, cached)
        stored, ending = await finish(asyncio.to_thread(self._store.store_turn, plan.question, answer))
        return Started(stored.conversation_id, stored.id, plan.model), _done(ending)

    async def prepare(self, plan: Plan, draft: Draft) -> NewAnswer:
        """Returns the model's answer as it will be stored, with its numbers checked."""
        return await asyncio.to_thread(self._answer_from, plan, draft)

    async def complete_from_cache(self, plan: Plan, stored: StoredQuestion, cached: CachedAnswer) -> Done:
        """Stores the answer of an equal question. Raises `AnswerUnstored`, `LeaseLost`."""
        return await self.complete(stored, _answer_from_cache(plan, cached))

    async def fail(self, plan: Plan, stored: StoredQuestion, error: Refused, draft: Draft) -> TurnEnd:
        """Stores the partial answer, or marks the question as failed; either can be retried."""
        conversation: Conversation | None = None
        message: Message | None = None
        # Text before a refusal must not become part of the history: the model would refuse again.
        is_kept = _has_said_something(draft) and error.reason != "CONTENT_REFUSED"
        answer = await self._partial_answer(plan, draft, "failed", error.reason) if is_kept else None
        try:
            conversation, message = await self._break_off(
                stored, partial(self._store.fail_turn, stored, error.reason, answer)
            )
        except Refused as further:
            log.warning("failure_not_stored", question_id=stored.id, error=further.message)
        log_end(error.reason, plan, stored, draft)
        return failed_with(error, conversation, message)

    async def stop(self, plan: Plan, stored: StoredQuestion, draft: Draft) -> TurnEnd:
        """Stores the partial answer. Returns how the turn ended, which may have been before the stop."""
        answer = await self._partial_answer(plan, draft, "stopped") if _has_said_something(draft) else None
        log_end("stopped", plan, stored, draft)
        try:
            await self._break_off(stored, partial(self._store.stop_turn, stored, answer))
            kept = await _finish_despite_cancellation(asyncio.to_thread(self._store.find_turn, stored.id))
        except Refused as error:
            log.warning("stop_not_stored", question_id=stored.id, error=error.message)
            return failed_with(error, None)
        if kept.is_pending:  # the lease was lost, and the turn is about to be failed or asked again
            return failed_with(LeaseLost("ANSWER_CUT", "The lease was lost."), kept.conversation)
        return end_of(kept)

    async def close(self) -> None:
        """Waits briefly for pending writes."""
        await self._late.close()

    async def complete(self, stored: StoredQuestion, answer: NewAnswer) -> Done:
        """Stores an answer. Raises `AnswerUnstored`, `LeaseLost`."""
        write = partial(self._store.end_turn, stored, answer)
        with self._ending(stored) as release:
            try:
                return _done(await finish(asyncio.to_thread(write)))
            except DatabaseUnavailable as error:
                log.warning("answer_not_stored", question_id=stored.id, error=error.message)
                try:
                    async with asyncio.timeout(self._store_seconds):
                        return _done(await insist(write))
                except TimeoutError:
                    self._late.add(stored.id, write, release.pop_all().close)
                    raise AnswerUnstored(error) from error

    async def _break_off(self, stored: StoredQuestion, write: Callable[[], Result]) -> Result:
        with self._ending(stored) as release:
            try:
                return await _finish_despite_cancellation(asyncio.to_thread(write))
            except DatabaseUnavailable:
                self._late.add(stored.id, write, release.pop_all().close)
                raise

    @contextmanager
    def _ending(self, stored: StoredQuestion) -> Iterator[ExitStack]:
        """Keeps the lease while the end is being stored, then releases it, unless the yielded stack is moved on."""
        self._leases.let_end(stored.lease_id)
        with ExitStack() as release:
            release.callback(self._leases.release, stored.lease_id)
            yield release

    async def _partial_answer(
        self, plan: Plan, draft: Draft, status: Literal["stopped", "failed"], reason: str = ""
    ) -> NewAnswer:
        return await _finish_despite_cancellation(asyncio.to_thread(self._answer_from, plan, draft, status, reason))

    def _answer_from(
        self, plan: Plan, draft: Draft, status: Literal["complete", "stopped", "failed"] = "complete", reason: str = ""
    ) -> NewAnswer:
        return NewAnswer(
            content=draft.text.strip(),
            tool_calls=draft.tool_calls,
            usage=draft.usage,
            cost_usd=self._models.cost(plan.model, draft.rounds),
            model=plan.model,
            duration_ms=plan.duration_ms,
            turns_left_out=plan.turns_left_out,
            number_check=_check(plan, draft),
            status=status,
            failure_reason=reason,
        )


def _has_said_something(draft: Draft) -> bool:
    return bool(draft.text.strip() or draft.tool_calls)


def _check(plan: Plan, draft: Draft) -> NumberCheck | None:
    """Checks the numbers of an answer; it is worth keeping even if that fails."""
    prompt = plan.prompt
    try:
        return check_numbers(
            draft.text,
            question=plan.question.content,
            earlier=plan.earlier,
            calls=draft.tool_calls,
            told=(prompt.system, prompt.dataset),
            rows=plan.facts.rows,
        )
    except Exception:
        log.exception("numbers_not_checked", question_id=plan.question.id)
        return None


def log_end(outcome: str, plan: Plan, stored: StoredQuestion, draft: Draft | None = None) -> None:
    """Logs how a turn ended."""
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


def _answer_from_cache(plan: Plan, cached: CachedAnswer) -> NewAnswer:
    return NewAnswer(
        content=cached.content,
        tool_calls=cached.tool_calls,
        number_check=cached.number_check,
        cache_hit=True,
        model=cached.model,
        duration_ms=plan.duration_ms,
    )


def _done(ending: Ending) -> Done:
    return Done(ending.answer, ending.conversation, ending.conflict)


async def _finish_despite_cancellation(work: Awaitable[Result]) -> Result:
    """Awaits a transaction and returns its result, even if cancelled meanwhile."""
    running = asyncio.ensure_future(work)
    while not running.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait((running,))
    return running.result()
