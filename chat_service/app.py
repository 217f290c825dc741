"""The wiring of the chat service: builds the objects, connects them, serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from daegu.chat.v1 import chat_pb2, chat_pb2_grpc
from daegu.dataset.v1 import analysis_pb2_grpc, dataset_pb2_grpc
from daegu.retention.v1 import retention_pb2

from chat_service.agent import Agent
from chat_service.answer_cache import AnswerCache
from chat_service.answering import Answering
from chat_service.claude import Claude, LateClaude
from chat_service.clock import today
from chat_service.conversation_servicer import ConversationServicer
from chat_service.conversation_store import ConversationStore
from chat_service.datasets import Datasets
from chat_service.leases import Leases
from chat_service.plans import Planner
from chat_service.prices import ModelFile
from chat_service.refused_keys import RefusedKeys
from chat_service.retention_store import ChatRetentionStore
from chat_service.retries import Retries
from chat_service.servicer import ChatServicer
from chat_service.settings import ChatSettings
from chat_service.tools import Catalogue
from chat_service.turn_record import TurnRecord
from chat_service.turn_store import TurnStore
from chat_service.turn_streams import TurnStreams
from chat_service.turns import Turns
from servicekit.channel import open_channel
from servicekit.database import create_engine, ping
from servicekit.retention import add_retention, off_loop
from servicekit.server import Server

_CHAT, _CONVERSATIONS = (
    chat_pb2.DESCRIPTOR.services_by_name[name].full_name for name in ("ChatService", "ConversationService")
)
_DATASET, _ANALYSIS = "daegu.dataset.v1.DatasetService", "daegu.dataset.v1.AnalysisService"
_RETRYABLE_QUICK = (
    *(f"{_DATASET}/{name}" for name in ("GetDatasetProfile", "AcquireLease", "ReleaseLease")),
    f"{_ANALYSIS}/CountFacets",
)
# Importing the library takes seconds of CPU time: wait until the rest of the stack has started.
_SETTLED_SECONDS = 3.0
# Leases are renewed over a connection of their own, which fails in less time than they last.
_OF_LEASES = {"database_pool_size": 1, "database_connect_seconds": 1, "database_statement_seconds": 2.0}


@asynccontextmanager
async def chat_server(settings: ChatSettings) -> AsyncIterator[Server]:
    """Yields the server with all its dependencies, ready to run; closes them in reverse order."""
    models = ModelFile.load()
    refused_keys = RefusedKeys(settings.cache_seconds)

    def load_claude() -> Claude:
        from chat_service.anthropic_claude import AnthropicClaude

        return AnthropicClaude(settings, models.takes_effort, refused_keys)

    async with AsyncExitStack() as exits:
        engine = create_engine(settings)
        exits.callback(engine.dispose)
        store, conversations = TurnStore(engine), ConversationStore(engine)
        cache = AnswerCache(
            settings.redis_url.get_secret_value(),
            settings.cache_seconds,
            wait_seconds=settings.cache_wait_seconds,
        )
        exits.push_async_callback(cache.close)
        claude = LateClaude(load_claude)
        exits.push_async_callback(claude.close)
        quick = await exits.enter_async_context(
            open_channel(settings.dataset_target, cap_seconds=settings.describe_seconds, retryable=_RETRYABLE_QUICK)
        )
        patient = await exits.enter_async_context(
            open_channel(settings.dataset_target, cap_seconds=settings.tool_seconds, retryable=[_ANALYSIS])
        )
        datasets = Datasets(
            dataset_pb2_grpc.DatasetServiceStub(quick),
            dataset_pb2_grpc.DatasetServiceStub(patient),
            analysis_pb2_grpc.AnalysisServiceStub(quick),
        )
        catalogue = Catalogue(analysis_pb2_grpc.AnalysisServiceStub(patient), settings.tool_seconds)
        engine_of_leases = create_engine(settings.model_copy(update=_OF_LEASES))
        exits.callback(engine_of_leases.dispose)
        leases = Leases(TurnStore(engine_of_leases))
        streams = TurnStreams(settings.redis_url.get_secret_value())
        exits.push_async_callback(streams.close)
        renewing = asyncio.create_task(leases.keep())
        exits.callback(renewing.cancel)
        record = TurnRecord(store, leases, models, settings.store_seconds)
        retries = Retries(settings.model_attempts, settings.retry_seconds)
        agent = Agent(claude, catalogue, settings.max_rounds, retries)
        turns = Turns(
            settings.max_runs,
            planner=Planner(settings, catalogue=catalogue, datasets=datasets, conversations=conversations, today=today),
            cache=cache,
            record=record,
            answering=Answering(settings.run_seconds, agent=agent, datasets=datasets, cache=cache, record=record),
            store=store,
            leases=leases,
            streams=streams,
            refused_keys=refused_keys,
        )
        exits.push_async_callback(turns.close)

        async def database_answers() -> None:
            await asyncio.to_thread(ping, engine)

        probes = dict.fromkeys((_CHAT, _CONVERSATIONS, "database"), database_answers)
        server = Server(settings, {**probes, "redis": cache.ping})
        server.add(
            chat_pb2_grpc.add_ChatServiceServicer_to_server,
            ChatServicer(turns, claude, models, settings.model),
            _CHAT,
        )
        server.add(
            chat_pb2_grpc.add_ConversationServiceServicer_to_server,
            ConversationServicer(conversations, datasets),
            _CONVERSATIONS,
        )
        retention = ChatRetentionStore(engine)
        add_retention(server, {retention_pb2.KIND_CONVERSATIONS: off_loop(retention.forget_conversations)})
        server.metrics.add_gauge("chat_runs_under_way", "Questions being answered.", lambda: turns.under_way)
        server.metrics.add_counter("chat_answer_cache_hits_total", "Answers found.", lambda: cache.hits)
        server.metrics.add_counter("chat_answer_cache_misses_total", "Answers not found.", lambda: cache.misses)
        draining = asyncio.create_task(_drain(server, turns, settings.drain_seconds))
        exits.callback(draining.cancel)
        warming = asyncio.create_task(_warm_up(claude))
        exits.callback(warming.cancel)
        yield server


async def _drain(server: Server, turns: Turns, grace_seconds: float) -> None:
    await server.stopping.wait()
    turns.drain(grace_seconds)


async def _warm_up(claude: LateClaude) -> None:
    await asyncio.sleep(_SETTLED_SECONDS)
    await claude.loaded()


async def run(settings: ChatSettings) -> None:
    """Serves until a stop signal."""
    async with chat_server(settings) as server:
        await server.run_until_told_to_stop()
