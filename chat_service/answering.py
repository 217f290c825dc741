"""Answers a stored question, and stores how that ended."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog
from pydantic import SecretStr

from chat_service.agent import Agent, Ask
from chat_service.answer_cache import AnswerCache, CachedAnswer
from chat_service.answers import Delta, Draft, Retrying, RunEvent, Thinking, ToolEnded, ToolStarted
from chat_service.datasets import Datasets
from chat_service.errors import ProviderTrouble
from chat_service.flights import Flights
from chat_service.plans import Plan
from chat_service.turn_events import Done, TurnEnd, TurnEvent, failed_with
from chat_service.turn_record import AnswerUnstored, TurnRecord, log_end
from chat_service.turn_store import StoredQuestion
from servicekit.errors import Refused

_TOLD = Thinking | Delta | ToolStarted | ToolEnded | Retrying
Tell = Callable[[TurnEvent], None]

log = structlog.get_logger()


class Answering:
    """Answers by the run of an equal question in progress, or by its own of at most `run_seconds`."""

    def __init__(
        self, run_seconds: float, *, agent: Agent, datasets: Datasets, cache: AnswerCache, record: TurnRecord
    ) -> None:
        self._run_seconds = run_seconds
        self._agent = agent
        self._datasets = datasets
        self._cache = cache
        self._record = record
        self._flights = Flights(cache)

    async def answer(self, plan: Plan, stored: StoredQuestion, api_key: SecretStr, tell: Tell) -> TurnEnd:
        """Tells the events of the run, and returns its stored end. Neither raises nor is cancelled."""
        draft = Draft()
        try:
            done = await self._complete(plan, stored, api_key, draft, tell)
            log_end("complete", plan, stored, draft)
            return done
        except AnswerUnstored as unstored:
            log_end(unstored.cause.reason, plan, stored, draft)
            return failed_with(unstored.cause, None)
        except TimeoutError:
            return await self._record.fail(
                plan, stored, ProviderTrouble("PROVIDER_TIMED_OUT", "The run took longer than it may."), draft
            )
        except Refused as error:
            return await self._record.fail(plan, stored, error, draft)
        except asyncio.CancelledError:
            return await self._record.stop(plan, stored, draft)
        except Exception:
            log.exception("turn_failed", question_id=stored.id)
            return await self._record.fail(
                plan, stored, Refused("INTERNAL", "An unforeseen fault; see the log."), draft
            )

    async def _complete(self, plan: Plan, stored: StoredQuestion, api_key: SecretStr, draft: Draft, tell: Tell) -> Done:
        """Stores an answer: that of an equal question in progress, or its own. Raises if there is none."""
        deadline = asyncio.get_running_loop().time() + self._run_seconds
        async with asyncio.timeout_at(deadline):
            cached = await self._flights.follow(plan.flight)
        if cached is not None:
            return await self._take(plan, stored, cached)
        with self._flights.lead(plan.flight) as leader:
            async with AsyncExitStack() as exits:
                async with asyncio.timeout_at(deadline):
                    cached = await exits.enter_async_context(self._flights.alone(plan.flight))
                    if cached is None:
                        await self._ask(plan, stored, api_key, draft, tell, deadline)
                if cached is None:
                    done, cached = await self._keep(plan, stored, draft)
                else:
                    done = await self._take(plan, stored, cached)
            leader.set_result(cached)
            return done

    async def _take(self, plan: Plan, stored: StoredQuestion, cached: CachedAnswer) -> Done:
        done = await self._record.complete_from_cache(plan, stored, cached)
        await self._cache.copy(plan.flight, plan.here)
        return done

    async def _keep(self, plan: Plan, stored: StoredQuestion, draft: Draft) -> tuple[Done, CachedAnswer | None]:
        """Caches the model's answer if equal questions may have it, then stores it.

        In this order an answer that was paid for is found if the question is asked again, whatever the store does.
        """
        answer, cached = await self._record.prepare(plan, draft), None
        if draft.is_reliable:
            cached = CachedAnswer(answer.content, tuple(answer.tool_calls), plan.model, answer.number_check)
            await self._cache.keep(plan.keep_under, cached)
        return await self._record.complete(stored, answer), cached

    async def _ask(
        self, plan: Plan, stored: StoredQuestion, api_key: SecretStr, draft: Draft, tell: Tell, deadline: float
    ) -> None:
        def emit(event: RunEvent) -> None:
            shown = draft.add(event)
            if isinstance(shown, _TOLD):
                tell(shown)

        async with self._datasets.in_use(plan.facts.dataset_id, holder=f"chat:{stored.id}"):
            await self._agent.answer(Ask(api_key, plan.facts.dataset_id, plan.prompt, plan.messages, deadline), emit)
