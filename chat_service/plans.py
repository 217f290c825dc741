"""Collects what a question needs before it is answered: data, tools, history, and the cache keys of its answer."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chat_service.answer_cache import cache_key
from chat_service.answers import Exchange
from chat_service.claude import Prompt, ToolDefinition, Turn
from chat_service.conversation_store import ConversationStore
from chat_service.datasets import DatasetFacts, Datasets
from chat_service.prompts import MOST_TURNS, SYSTEM, conversation, dataset_text, version_of
from chat_service.settings import ChatSettings
from chat_service.tools import Catalogue
from chat_service.turn_store import NewQuestion
from servicekit.ids import new_id
from servicekit.text_gate import shortened
from servicekit.visible_text import visible_line

LONGEST_TITLE = 40


@dataclass(frozen=True, slots=True)
class Question:
    """A question. Without `conversation_id` it begins a conversation; `expected_version` 0 skips the check."""

    dataset_id: str
    text: str
    conversation_id: str | None = None
    expected_version: int = 0
    client_id: str = ""
    model: str = ""
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A question and everything that its answer depends on."""

    question: NewQuestion
    model: str
    facts: DatasetFacts
    today: date
    tools: tuple[ToolDefinition, ...]
    earlier: list[Exchange]
    messages: list[Turn]
    turns_left_out: int
    find_under: list[str]
    keep_under: list[str]
    flight: str
    began: float

    @property
    def here(self) -> str:
        """The cache key within its own conversation."""
        return self.keep_under[-1]

    @property
    def prompt(self) -> Prompt:
        """The prompt before the conversation."""
        return Prompt(self.model, self.tools, SYSTEM, dataset_text(self.facts, self.today))

    @property
    def duration_ms(self) -> float:
        """Milliseconds since the question arrived."""
        return round((time.perf_counter() - self.began) * 1000, 2)


class Planner:
    """Prepares questions for their answer."""

    def __init__(
        self,
        settings: ChatSettings,
        *,
        catalogue: Catalogue,
        datasets: Datasets,
        conversations: ConversationStore,
        today: Callable[[], date],
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._datasets = datasets
        self._conversations = conversations
        self._today = today
        self._versioned: tuple[tuple[ToolDefinition, ...], date | None] = (), None
        self._version = ""

    async def plan(self, question: Question, *, may_share_answers: bool) -> Plan:
        """Returns the plan. Raises `Refused` if the data or the conversation cannot be read.

        Without `may_share_answers`, it is answered neither from the cache nor by an equal question in progress.
        """
        began = time.perf_counter()
        facts, tools, (exchanges, in_all) = await asyncio.gather(
            self._datasets.describe_with_values(question.dataset_id),
            self._catalogue.tools(),
            self._load_history(question),
        )
        model = question.model or self._settings.model
        conversation_id = question.conversation_id or new_id()
        today = self._today()
        version = self._version_of(tools, today)

        def key(context: str = "") -> str:
            return cache_key(
                question.text,
                content_hash=facts.content_hash,
                description=facts.description,
                model=model,
                version=version,
                context=context,
            )

        anywhere = [] if exchanges else [key()]
        # "Continue" means something else after each interrupted answer.
        broken_off = exchanges[-1].answer_id if exchanges and exchanges[-1].broken_off else ""
        here = [key(conversation_id + broken_off)]
        messages, turns_left_out = conversation(exchanges, in_all, question.text)
        new_question = NewQuestion(
            content=question.text,
            conversation_id=conversation_id,
            is_new=question.conversation_id is None,
            dataset_id=question.dataset_id,
            dataset_name=facts.name,
            client_id=question.client_id,
            title=shortened(visible_line(question.text), LONGEST_TITLE),
            expected_version=question.expected_version,
            retry_of=question.retry_of,
        )
        return Plan(
            question=new_question,
            model=model,
            facts=facts,
            today=today,
            tools=tools,
            earlier=exchanges,
            messages=messages,
            turns_left_out=turns_left_out,
            find_under=anywhere + (here if question.conversation_id else []) if may_share_answers else [],
            keep_under=anywhere + here,
            flight=(anywhere + here)[0] if may_share_answers else new_question.id,
            began=began,
        )

    def _version_of(self, tools: tuple[ToolDefinition, ...], today: date) -> str:
        if tools is not self._versioned[0] or today != self._versioned[1]:
            self._versioned = tools, today
            self._version = version_of(tools, self._settings.effort, today)
        return self._version

    async def _load_history(self, question: Question) -> tuple[list[Exchange], int]:
        if question.conversation_id is None:
            return [], 0
        return await asyncio.to_thread(
            self._conversations.exchanges, question.conversation_id, before=question.retry_of, most=MOST_TURNS
        )
