"""Group commit on a real PostgreSQL: durable before it is answered, whatever happens to the database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg2
import pytest

from prediction_service.accident import Accident, Reading
from prediction_service.recorder import Recorder
from prediction_service.settings import PredictionSettings
from prediction_service.store import PredictionRow
from servicekit.errors import DatabaseUnavailable, Refused
from servicekit.ids import new_id
from tests.contract.prediction_service.running_service import VALUES, rows
from tests.eventually import eventually
from tests.patience import no_limit_passed
from tests.real_servers import Postgres, running_postgres
from tests.unit.prediction_service.samples import estimate

ACCIDENT = Accident(**VALUES)


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL that tests may kill; it runs at the end of each."""
    with running_postgres(tmp_path_factory.mktemp("own")) as server:
        yield server


@asynccontextmanager
async def _recorder(database_url: str, **settings: Any) -> AsyncIterator[Recorder]:
    values = {"DATABASE_URL": database_url, "REDIS_URL": "redis://127.0.0.1:1", **settings}
    async with Recorder(PredictionSettings.model_validate(values), "eclo-test") as recorder:
        yield recorder


@contextmanager
def _table_locked(database_url: str) -> Iterator[None]:
    """Keeps everybody else from the table."""
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE prediction.predictions IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        connection.close()


def _rows(number: int = 1, eclo: float = 4.5) -> list[PredictionRow]:
    return [PredictionRow(new_id(), Reading(ACCIDENT, ()), estimate(eclo)) for _ in range(number)]


def _stored(database_url: str, some: Sequence[PredictionRow]) -> int:
    ids = [row.id for row in some]
    ((number,),) = rows(database_url, "SELECT count(*) FROM prediction.predictions WHERE id = ANY(%s::uuid[])", ids)
    return int(number)


async def test_rows_are_seen_by_another_connection_when_it_answers(database_url: str) -> None:
    async with _recorder(database_url) as recorder:
        for _ in range(20):
            some = _rows(3)
            recorded = await recorder.record(some)
            stored = rows(
                database_url,
                "SELECT id, created_at, model_version, eclo_value, input_features FROM prediction.predictions"
                " WHERE id = ANY(%s::uuid[]) ORDER BY id",
                [row.id for row in some],
            )
            assert stored == [(row.id, recorded.created_at, "eclo-test", 4.5, ACCIDENT._asdict()) for row in some]


async def test_everyone_who_asks_at_once_finds_their_row(database_url: str) -> None:
    async with _recorder(database_url) as recorder:

        async def ask(some: Sequence[PredictionRow]) -> None:
            await recorder.record(some)
            assert await asyncio.to_thread(_stored, database_url, some) == len(some)

        await asyncio.gather(*(ask(_rows(1 + i % 5)) for i in range(60)))


async def test_what_waits_is_committed_together(database_url: str) -> None:
    async with _recorder(database_url) as recorder:
        recorded = await asyncio.gather(*(recorder.record(_rows()) for _ in range(500)))
        assert len({moment.created_at for moment in recorded}) <= 3
        assert rows(database_url, "SELECT count(DISTINCT xmin::text) FROM prediction.predictions")[0][0] <= 3


async def test_id_that_is_there_already_keeps_its_row_and_is_told(database_url: str) -> None:
    async with _recorder(database_url) as recorder:
        (first,) = _rows()
        assert not (await recorder.record([first])).has_repeats
        again = await recorder.record([first._replace(estimate=first.estimate._replace(eclo=9.0)), *_rows()])
        assert again.has_repeats
    assert rows(database_url, "SELECT eclo_value FROM prediction.predictions ORDER BY eclo_value") == [(4.5,), (4.5,)]


async def test_connection_that_died_while_idle_is_replaced_unnoticed(database_url: str) -> None:
    async with _recorder(database_url) as recorder:
        for _ in range(3):
            some = _rows()
            await recorder.record(some)
            assert _stored(database_url, some) == 1
            ended = rows(
                database_url,
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND starts_with(query, 'EXECUTE record')",
            )
            assert ended == [(True,)]


async def test_database_that_is_away_is_said_at_once_and_its_return_is_found(own_postgres: Postgres) -> None:
    database_url = own_postgres.new_database()
    async with _recorder(database_url) as recorder:
        before = _rows()
        await recorder.record(before)
        own_postgres.process.kill()
        try:
            for _ in range(3):
                with no_limit_passed(), pytest.raises(DatabaseUnavailable):
                    await _record_on_and_on(recorder)  # a backend may outlive its server by a moment
        finally:
            own_postgres.process.start()
        after = _rows()
        await recorder.record(after)
    assert _stored(database_url, [*before, *after]) == 2


async def _record_on_and_on(recorder: Recorder) -> None:
    while True:
        await recorder.record(_rows())


async def test_database_killed_under_load_loses_nothing_that_was_acknowledged(own_postgres: Postgres) -> None:
    database_url = own_postgres.new_database()
    acknowledged: list[PredictionRow] = []
    refused = 0
    done = asyncio.Event()

    async def ask(recorder: Recorder) -> None:
        nonlocal refused
        while not done.is_set():
            some = _rows()
            try:
                await recorder.record(some)
                acknowledged.extend(some)
            except DatabaseUnavailable:
                refused += 1
                await asyncio.sleep(0.01)

    async def more(count: Callable[[], int], number: int) -> None:
        enough = count() + number
        await eventually(lambda: count() >= enough)

    async with _recorder(database_url) as recorder:
        asking = [asyncio.create_task(ask(recorder)) for _ in range(20)]
        for _ in range(2):
            await more(lambda: len(acknowledged), 500)
            own_postgres.process.kill()
            await more(lambda: refused, 20)
            own_postgres.process.start()
        await more(lambda: len(acknowledged), 100)
        done.set()
        await asyncio.gather(*asking)
    assert _stored(database_url, acknowledged) == len(acknowledged)


async def test_database_that_hangs_is_waited_for_no_longer_than_allowed_by_anyone(database_url: str) -> None:
    async with _recorder(database_url, record_seconds=1.0) as recorder:
        await _record_at_last(recorder, _rows())
        with _table_locked(database_url):
            waiting = []
            for _ in range(5):  # the first one is under way, the others wait
                waiting.append(asyncio.create_task(recorder.record(_rows())))
                await asyncio.sleep(0)
            refusals = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(refusal) for refusal in refusals} == {DatabaseUnavailable}
        some = _rows()
        await _record_at_last(recorder, some)
        assert _stored(database_url, some) == 1


async def _record_at_last(recorder: Recorder, rows: Sequence[PredictionRow]) -> None:
    """Records within a short limit, however slow the machine is."""

    async def is_recorded() -> bool:
        try:
            await recorder.record(rows)
        except DatabaseUnavailable:
            return False
        return True

    await eventually(is_recorded)


async def test_statement_that_is_refused_is_the_loss_of_its_group_alone(database_url: str) -> None:
    async with _recorder(database_url) as recorder:
        before, after = _rows(), _rows()
        await recorder.record(before)
        with pytest.raises(psycopg2.IntegrityError):
            await recorder.record(_rows(eclo=float("nan")))  # becomes null, which the table refuses
        await recorder.record(after)
    assert _stored(database_url, [*before, *after]) == 2


async def test_five_thousand_may_wait_and_one_more_is_refused_at_once(database_url: str) -> None:
    async with _recorder(database_url) as recorder:
        await recorder.record(_rows())
        accepted = [_rows(1), *(_rows(100) for _ in range(50))]
        with _table_locked(database_url):
            asking = []
            for some in accepted:  # the first one is under way, the others wait
                asking.append(asyncio.create_task(recorder.record(some)))
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            with pytest.raises(Refused, match="PREDICTIONS_BUSY"):
                await recorder.record(_rows())
        await asyncio.gather(*asking)
        assert _stored(database_url, [row for some in accepted for row in some]) == 5001
        await recorder.record(_rows())


async def test_caller_who_leaves_harms_nobody(database_url: str) -> None:
    async with _recorder(database_url) as recorder:
        with _table_locked(database_url):
            leaving = asyncio.create_task(recorder.record(_rows()))
            staying_rows = _rows()
            staying = asyncio.create_task(recorder.record(staying_rows))
            await asyncio.sleep(0)
            leaving.cancel()
        await staying
        assert _stored(database_url, staying_rows) == 1
        with pytest.raises(asyncio.CancelledError):
            await leaving


async def test_closed_recorder_has_no_connection(database_url: str) -> None:
    async with _recorder(database_url) as recorder:
        await recorder.record(_rows())
    connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    await eventually(lambda: rows(database_url, connections) == [(1,)])  # our own
