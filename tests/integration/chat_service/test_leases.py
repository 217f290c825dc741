"""Who may end a turn: only the attempt that holds its lease, which is failed by others once it has expired."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from chat_service import leases
from chat_service.errors import LeaseLost
from chat_service.turn_store import NewAnswer, NewQuestion, StoredQuestion, TurnStore
from servicekit.database import create_engine
from servicekit.errors import Refused
from servicekit.ids import new_id
from servicekit.settings import DatabaseSettings
from tests.eventually import eventually
from tests.integration.chat_service.conftest import Start
from tests.integration.chat_service.test_failures import execute, stored_states
from tests.real_servers import Postgres
from tests.scripted_messages_api import says

EXPIRE = "UPDATE chat.turn_leases SET leased_until = clock_timestamp() - interval '1 second'"


@pytest.fixture
def store(database_url: str) -> Iterator[TurnStore]:
    engine = create_engine(DatabaseSettings(DATABASE_URL=database_url))
    yield TurnStore(engine)
    engine.dispose()


def new_question(**changes: object) -> NewQuestion:
    first = {
        "content": "몇 건?",
        "conversation_id": new_id(),
        "is_new": True,
        "dataset_id": new_id(),
        "dataset_name": "사고",
        "client_id": "",
        "title": "몇 건?",
    }
    return NewQuestion(**{**first, **changes})  # type: ignore[arg-type]


def again(question: NewQuestion) -> NewQuestion:
    return new_question(
        conversation_id=question.conversation_id, dataset_id=question.dataset_id, is_new=False, retry_of=question.id
    )


def state(store: TurnStore, question: StoredQuestion) -> tuple[str, str, bool]:
    kept = store.find_turn(question.id)
    return kept.question.status, kept.question.failure_reason, kept.answer is not None


def test_expired_turn_is_failed_once_and_a_renewed_one_is_not(store: TurnStore, database_url: str) -> None:
    dead, alive = store.begin_turn(new_question()), store.begin_turn(new_question())
    execute(database_url, EXPIRE)
    assert set(store.find_expired()) == {dead.lease_id, alive.lease_id}
    assert store.renew([alive.lease_id]) == {alive.lease_id: False}
    assert store.find_expired() == [dead.lease_id]
    assert store.fail_dead([dead.lease_id, alive.lease_id]) == 1
    assert store.fail_dead([dead.lease_id, alive.lease_id]) == 0
    assert state(store, dead) == ("failed", "ANSWER_CUT", False)
    assert state(store, alive) == ("pending", "", False)


def test_owner_that_wakes_after_its_turn_was_failed_changes_nothing(store: TurnStore, database_url: str) -> None:
    question = new_question()
    first = store.begin_turn(question)
    execute(database_url, EXPIRE)
    store.fail_dead([first.lease_id])

    def wake() -> None:
        assert store.renew([first.lease_id]) == {}
        with pytest.raises(LeaseLost):
            store.end_turn(first, NewAnswer("세 건"))
        store.fail_turn(first, "PROVIDER_FAILED", NewAnswer("세", status="failed", failure_reason="PROVIDER_FAILED"))
        store.stop_turn(first, None)

    wake()
    assert state(store, first) == ("failed", "ANSWER_CUT", False)
    second = store.begin_turn(again(question))
    wake()
    assert state(store, second) == ("pending", "", False)
    assert store.end_turn(second, NewAnswer("네 건")).answer.content == "네 건"
    wake()
    assert store.find_turn(question.id).answer == store.find_turn(second.id).answer
    assert state(store, second) == ("complete", "", True)


def test_turn_that_an_earlier_version_ended_is_lost_and_can_be_asked_again(store: TurnStore, database_url: str) -> None:
    question = new_question()
    first = store.begin_turn(question)
    execute(database_url, "UPDATE chat.messages SET status = 'stopped', pending_since = NULL")
    assert store.renew([first.lease_id]) == {}
    with pytest.raises(LeaseLost):
        store.end_turn(first, NewAnswer("세 건"))
    second = store.begin_turn(again(question))
    assert store.renew([first.lease_id, second.lease_id]) == {second.lease_id: False}


def test_turn_of_an_earlier_version_has_three_minutes_and_can_be_stopped(store: TurnStore, database_url: str) -> None:
    old = store.begin_turn(new_question())
    execute(database_url, "DELETE FROM chat.turn_leases")
    assert store.fail_dead([]) == 0
    execute(database_url, "UPDATE chat.messages SET pending_since = now() - interval '181 seconds'")
    assert store.fail_dead([]) == 1
    younger = store.begin_turn(new_question())
    execute(database_url, "DELETE FROM chat.turn_leases")
    store.stop_turn(store.find_turn(younger.id).stored, None)
    assert (state(store, old)[0], state(store, younger)[0]) == ("failed", "stopped")


def test_question_that_is_being_answered_is_neither_asked_again_nor_stopped_without_its_lease(store: TurnStore) -> None:
    question = new_question()
    stored = store.begin_turn(question)
    with pytest.raises(Refused, match="QUESTION_NOT_RETRYABLE"):
        store.begin_turn(again(question))
    store.stop_turn(replace(stored, lease_id=""), None)
    store.request_stop(stored.id)
    assert store.renew([stored.lease_id]) == {stored.lease_id: True}
    assert state(store, stored)[0] == "pending"


async def test_turn_whose_lease_is_lost_ends_for_its_listeners_and_stops_spending(
    start: Start, database_url: str
) -> None:
    async with start() as chat, start() as other:
        dataset_id = chat.data.datasets.add()
        chat.api.script(says("18시에 가장 많", end="stall"), says("18시입니다."))
        asking = aiter(chat.send(dataset_id))
        started = (await anext(asking)).start
        assert (await anext(asking)).HasField("delta")
        # As if another process led it, and had died.
        execute(database_url, f"UPDATE chat.turn_leases SET id = '{new_id()}', leased_until = now()")
        *_, end = [event async for event in asking]
        await chat.api.requests[0].left.wait()
        await eventually(lambda: stored_states(database_url) == {"failed"})
        *_, watched = [event async for event in other.watch(started.question_id)]
        assert watched.failed.reason == "ANSWER_CUT"
        assert end.failed.reason == "ANSWER_CUT"
        done = await chat.ask(dataset_id, conversation_id=started.conversation_id, retry_of=started.question_id)
        assert done.answer.content == "18시입니다."


async def test_stop_reaches_the_process_that_answers(start: Start) -> None:
    async with start() as chat, start() as other:
        chat.api.script(says("18시에 가장 많", end="stall"))
        asking = aiter(chat.send(chat.data.datasets.add()))
        started = (await anext(asking)).start
        while not (await anext(asking)).HasField("delta"):
            pass
        stopped = await other.stop(started.question_id)
        assert "18시에 가장 많".startswith(stopped.stopped.answer.content)
        assert [event async for event in asking][-1] == stopped


async def test_leases_that_expired_all_at_once_are_left_to_their_owners_first(
    start: Start, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a pause of the whole machine, which moves the clock of the database alone."""
    find_expired, seen = TurnStore.find_expired, 0

    def pause_first(self: TurnStore) -> Sequence[str]:
        nonlocal seen
        if seen == 0:
            execute(database_url, EXPIRE)
        found = find_expired(self)
        seen += bool(found)
        return found

    async with start() as chat:
        gate = asyncio.Event()
        chat.api.script(says("18시입니다.", gate=gate))
        asking = asyncio.create_task(chat.ask(chat.data.datasets.add()))
        await chat.api.until_asked()
        monkeypatch.setattr(TurnStore, "find_expired", pause_first)
        await eventually(lambda: seen == 1)
        gate.set()
        assert (await asking).answer.content == "18시입니다."


async def test_leases_that_expired_while_the_database_was_away_are_left_to_their_owners_first(
    postgres: Postgres, start: Start, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(leases, "_PATIENCE_SECONDS", 0.0)
    async with start() as chat, start():
        gate = asyncio.Event()
        chat.api.script(says("18시입니다.", gate=gate))
        asking = asyncio.create_task(chat.ask(chat.data.datasets.add()))
        await chat.api.until_asked()
        monkeypatch.setattr(leases, "_PATIENCE_SECONDS", 3600.0)
        with capture_logs() as logs:
            with postgres.away(database_url):
                gate.set()
                noticed = ["answer_not_stored", "leases_wait_for_database", "leases_wait_for_database"]
                await eventually(lambda: sorted(log["event"] for log in logs if log["event"] in noticed) == noticed)
            execute(database_url, EXPIRE)
            assert (await asking).answer.content == "18시입니다."


def test_statement_of_the_beat_is_one(store: TurnStore, database_url: str) -> None:
    held = [store.begin_turn(new_question()).lease_id for _ in range(3)]
    engine = create_engine(DatabaseSettings(DATABASE_URL=database_url))
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert TurnStore(engine).renew(held) == dict.fromkeys(held, False)
    engine.dispose()
    assert len(statements) == 1
