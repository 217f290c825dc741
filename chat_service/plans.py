"""What a question needs before it is answered: the data, the tools, what was said, and the keys of its answer."""

import asyncio
import time
from dataclasses import dataclass

from chat_service.answer_cache import cache_key
from chat_service.claude import Prompt
from chat_service.datasets import DatasetFacts, Datasets
from chat_service.prompts import MOST_TURNS, SYSTEM, dataset_text, version_of
from chat_service.settings import ChatSettings
from chat_service.store import ChatStore, NewQuestion
from chat_service.text import shortened
from chat_service.tools import Catalogue, Tool
from servicekit.ids import new_id

LONGEST_TITLE = 40


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
class Plan:
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
        """What equal questions have in common."""
        return self.keep_under[0]

    @property
    def here(self) -> str:
        """The key in its own conversation."""
        return self.keep_under[-1]

    @property
    def prompt(self) -> Prompt:
        """What the model is told before the conversation."""
        return Prompt(self.model, [tool.definition for tool in self.tools], SYSTEM, dataset_text(self.facts))

    @property
    def duration_ms(self) -> float:
        """Time since the question came."""
        return round((time.perf_counter() - self.began) * 1000, 2)


class Planner:
    """Makes plans."""

    def __init__(self, settings: ChatSettings, *, catalogue: Catalogue, datasets: Datasets, store: ChatStore) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._datasets = datasets
        self._store = store
        self._versioned_tools: tuple[Tool, ...] = ()
        self._version = ""

    async def plan(self, question: Question) -> Plan:
        """Returns the plan. Raises a DomainError when the data or the conversation cannot be read."""
        began = time.perf_counter()
        facts, tools, said = await asyncio.gather(
            self._datasets.describe(question.dataset_id), self._catalogue.tools(), self._load_history(question)
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
        return Plan(
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

    async def _load_history(self, question: Question) -> list[tuple[str, str]]:
        if question.conversation_id is None:
            return []
        return await asyncio.to_thread(
            self._store.said, question.conversation_id, before=question.retry_of, most=MOST_TURNS
        )
