"""Old conversations leave a filled database in steps, each with all its messages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import sqlalchemy as sa

from chat_service.retention_store import ChatRetentionStore
from scripts.benchmarks.fill import Size, fill
from servicekit.database import create_engine
from servicekit.errors import Refused
from servicekit.retention import Step
from servicekit.settings import DatabaseSettings
from tests.real_servers import Postgres

SIZE = Size(40, 2, 10, 5, 400, 600)
CUT = (datetime.now(UTC) - datetime(2025, 5, 20, 12, tzinfo=UTC)).days
"""Conversations arrived over 300 days from the first of January 2025 on: about half are older than this many days."""
IDS = "SELECT CAST(id AS text) FROM chat.conversations ORDER BY updated_at, id"
MESSAGES = "SELECT count(*) FROM chat.messages"


@pytest.fixture(scope="module")
def filled(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    fill(url, SIZE, "none")
    yield url
    postgres.drop_database(url)


@pytest.fixture
def engine(postgres: Postgres, filled: str) -> Iterator[sa.Engine]:
    url = postgres.copy_of(filled)
    engine = create_engine(DatabaseSettings(DATABASE_URL=url))
    yield engine
    engine.dispose()
    postgres.drop_database(url)


def run(store: ChatRetentionStore, days: int = CUT) -> list[Step]:
    """Calls until it is done."""
    steps = [store.forget_conversations(days, "")]
    while not steps[-1].is_done:
        steps.append(store.forget_conversations(days, steps[-1].next))
    return steps


def scalars(engine: sa.Engine, query: str) -> list[object]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text(query)))


def test_conversations_last_changed_before_the_cut_go_with_all_messages_and_others_stay(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        moment = datetime.now(UTC) - timedelta(days=CUT)
        young = sa.text(IDS.replace("ORDER", "WHERE updated_at >= :cut ORDER"))
        expected = list(connection.scalars(young, {"cut": moment}))
    steps = run(ChatRetentionStore(engine))
    assert scalars(engine, IDS) == expected
    assert scalars(engine, MESSAGES) == [2 * len(expected)]
    assert sum(step.forgotten for step in steps) == SIZE.conversations - len(expected) > 100
    assert [step.forgotten for step in run(ChatRetentionStore(engine))] == [0]


def test_conversation_longer_than_a_step_loses_its_first_turns_before_the_rest(engine: sa.Engine) -> None:
    (longest, *_) = scalars(engine, IDS)
    turns = f"SELECT turn FROM chat.messages WHERE conversation_id = '{longest}' ORDER BY turn, role DESC"
    before = scalars(engine, turns)
    assert len(before) == SIZE.longest_conversation
    step = ChatRetentionStore(engine).forget_conversations(CUT)
    after = scalars(engine, turns)
    assert (step.forgotten, step.is_done) == (0, False)
    assert 0 < len(after) < len(before)
    assert after == before[-len(after) :]
    assert after.count(after[0]) == 2  # an answer goes with its question
    run(ChatRetentionStore(engine))
    assert scalars(engine, turns) == []


def test_conversation_that_is_asked_something_meanwhile_stays(engine: sa.Engine) -> None:
    oldest = scalars(engine, IDS)
    touch = "UPDATE chat.conversations SET updated_at = now() WHERE id = :id"
    with engine.begin() as asking:
        asking.execute(sa.text(touch), {"id": oldest[3]})
        deleting = Thread(target=run, args=(ChatRetentionStore(engine),))
        deleting.start()
        deleting.join()  # it does not wait for the one that is locked
    run(ChatRetentionStore(engine))
    assert oldest[3] in scalars(engine, IDS)
    assert not set(scalars(engine, IDS)) & set(oldest[:3])
    assert scalars(engine, f"{MESSAGES} WHERE conversation_id = '{oldest[3]}'") == [2]


def test_place_must_be_one_of_an_answer(engine: sa.Engine) -> None:
    with pytest.raises(Refused):
        ChatRetentionStore(engine).forget_conversations(1, "somewhere")
