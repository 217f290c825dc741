"""Old predictions and batches leave a filled database in steps; what is younger, or unfinished, stays."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from prediction_service.batch_store import BatchStore
from prediction_service.retention_store import PredictionRetentionStore
from scripts.benchmarks.fill import Size, fill
from servicekit.database import create_engine
from servicekit.errors import Refused
from servicekit.retention import Step
from servicekit.settings import DatabaseSettings
from tests.real_servers import Postgres

SIZE = Size(4_000, 8, 500, 5, 20, 4, unfinished=2)
CUT = (datetime.now(UTC) - datetime(2025, 5, 20, 12, tzinfo=UTC)).days
"""Rows arrived over 300 days from the first of January 2025 on: about half of them are older than this many days."""


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


@pytest.fixture
def store(engine: sa.Engine) -> PredictionRetentionStore:
    return PredictionRetentionStore(engine)


def run(forget: Callable[[int, str], Step], days: int = CUT) -> list[Step]:
    """Calls until it is done."""
    steps = [forget(days, "")]
    while not steps[-1].is_done:
        steps.append(forget(days, steps[-1].next))
    return steps


def read(engine: sa.Engine, query: str, **values: object) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query), values)]


def cut() -> datetime:
    return datetime.now(UTC) - timedelta(days=CUT)


def test_single_predictions_before_the_cut_go_and_all_others_stay(
    engine: sa.Engine, store: PredictionRetentionStore
) -> None:
    ids = "SELECT id FROM prediction.predictions WHERE {} ORDER BY id"
    expected = read(engine, ids.format("batch_id IS NOT NULL OR created_at >= :cut"), cut=cut())
    steps = run(store.forget_predictions)
    assert read(engine, ids.format("true")) == expected
    assert sum(step.forgotten for step in steps) == SIZE.predictions - len(expected) > 500
    assert len(steps) > 1
    assert [step.forgotten for step in run(store.forget_predictions)] == [0]


def test_prediction_that_was_stored_later_than_its_id_says_stays(
    engine: sa.Engine, store: PredictionRetentionStore
) -> None:
    late = "UPDATE prediction.predictions SET created_at = now() WHERE id = (SELECT id {} LIMIT 1) RETURNING id"
    with engine.begin() as connection:
        oldest = "FROM prediction.predictions WHERE batch_id IS NULL ORDER BY id"
        kept = connection.scalar(sa.text(late.format(oldest)))
    run(store.forget_predictions)
    query = "SELECT id FROM prediction.predictions WHERE batch_id IS NULL ORDER BY id LIMIT 1"
    assert read(engine, query) == [(kept,)]


def test_batches_that_ended_before_the_cut_go_with_all_their_rows_and_no_others(
    engine: sa.Engine, store: PredictionRetentionStore
) -> None:
    # The oldest filled batches have no results: one with results, and one that has not ended, become as old as they.
    age = "UPDATE prediction.batches SET created_at = :old, finished_at = CASE WHEN finished_at > :old THEN :old END"
    with engine.begin() as connection:
        filled = sa.text(f"{age} WHERE id IN (SELECT batch_id FROM prediction.batch_items)")
        connection.execute(filled, {"old": datetime(2024, 12, 1, tzinfo=UTC)})
    queries = {
        "batches": "SELECT id FROM prediction.batches WHERE {} ORDER BY id",
        "items": "SELECT batch_id, index FROM prediction.batch_items WHERE {} ORDER BY batch_id, index",
        "results": "SELECT batch_id, batch_index FROM prediction.predictions WHERE batch_id IS NOT NULL AND {}"
        " ORDER BY batch_id, batch_index",
    }
    stays = "(SELECT id FROM prediction.batches WHERE finished_at IS NULL OR finished_at >= :cut)"
    conditions = {"batches": f"id IN {stays}", "items": f"batch_id IN {stays}", "results": f"batch_id IN {stays}"}
    before = {name: len(read(engine, query.format("true"))) for name, query in queries.items()}
    expected = {name: read(engine, query.format(conditions[name]), cut=cut()) for name, query in queries.items()}
    steps = run(store.forget_batches)
    assert {name: read(engine, query.format("true")) for name, query in queries.items()} == expected
    assert sum(step.forgotten for step in steps) == before["batches"] - len(expected["batches"])
    assert len(expected["items"]) == SIZE.unfinished * SIZE.batch_items < before["items"]
    assert not read(engine, "SELECT id FROM prediction.forgotten_batches")


def test_batch_is_gone_as_a_whole_before_its_rows_go(engine: sa.Engine) -> None:
    batch_id = str(read(engine, "SELECT id FROM prediction.batches WHERE status = 'completed' ORDER BY id DESC")[0][0])
    with engine.begin() as connection:
        age = "UPDATE prediction.batches SET finished_at = '2024-12-01' WHERE id = :id"
        connection.execute(sa.text(age), {"id": batch_id})
    results = "SELECT count(*) FROM prediction.predictions WHERE batch_id = :id"

    step = PredictionRetentionStore(engine).forget_batches(CUT)

    assert step == Step(1, "", is_done=False)
    ((count,),) = read(engine, results, id=batch_id)
    assert 0 < int(str(count)) < SIZE.batch_items
    with pytest.raises(Refused, match=batch_id):
        BatchStore(engine, lambda eclo, _: eclo).get(batch_id)
    run(PredictionRetentionStore(engine).forget_batches)  # another process goes on
    assert read(engine, results, id=batch_id) == [(0,)]
    assert not read(engine, "SELECT id FROM prediction.forgotten_batches")


def test_place_must_be_one_of_an_answer(store: PredictionRetentionStore) -> None:
    with pytest.raises(Refused):
        store.forget_predictions(1, "somewhere")


def test_batch_that_begins_to_leave_while_it_is_read_is_not_taken_for_a_whole_one(
    engine: sa.Engine, store: PredictionRetentionStore
) -> None:
    batches = BatchStore(engine, lambda eclo, _accident: eclo)
    (newest,) = read(engine, "SELECT id FROM prediction.batches WHERE status = 'completed' ORDER BY id DESC LIMIT 1")
    batch = batches.get(str(newest[0]))
    assert len(batches.results(batch, 0, 500)) == 500
    while read(engine, "SELECT id FROM prediction.batches WHERE id = :id", id=batch.id):
        store.forget_batches(1)
    left = read(engine, "SELECT count(*) FROM prediction.predictions WHERE batch_id = :id", id=batch.id)
    assert left > [(0,)]
    with pytest.raises(Refused, match="BATCH_NOT_FOUND"):
        batches.results(batch, 0, 500)
