"""Short transactions of deletions on a real PostgreSQL, measured by a clock of the test."""

from collections.abc import Iterator, Sequence
from itertools import count

import grpc
import pytest
import sqlalchemy as sa
from daegu.retention.v1 import retention_pb2 as pb

from servicekit.database import create_engine
from servicekit.errors import Refused
from servicekit.retention import Deleted, RetentionServicer, ShortTransactions, Step
from servicekit.settings import DatabaseSettings

LOCK = 1
DONE = Step(0, "", is_done=True)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = create_engine(DatabaseSettings(DATABASE_URL=database_url))
    yield engine
    engine.dispose()


def _sizes(engine: sa.Engine, milliseconds: Sequence[float], *, share: float = 1.0) -> list[int]:
    """Returns how many rows transactions of these lengths were asked for, which delete a share of them."""
    times = iter([time for length in milliseconds for time in (0.0, length / 1000)])
    transactions, asked = ShortTransactions(engine, LOCK, lambda: next(times)), []

    def delete(_connection: sa.Connection, most: int) -> Deleted:
        asked.append(most)
        return Deleted(DONE, int(most * share))

    for _ in milliseconds:
        transactions.run(delete, "")
    return asked


def test_transactions_grow_while_they_are_short_and_shrink_once_they_are_not(engine: sa.Engine) -> None:
    assert _sizes(engine, [0.5, 0.5, 0.5, 1.5, 30, 1.5, 0.5, 0.5]) == [20, 40, 80, 160, 160, 80, 80, 160]
    assert _sizes(engine, [30, 30]) == [20, 20]
    assert max(_sizes(engine, [0.001] * 20)) == 2_000


def test_small_transaction_says_nothing_of_a_large_one(engine: sa.Engine) -> None:
    assert _sizes(engine, [0.1, 0.1], share=0.1) == [20, 20]


def test_one_replica_deletes_at_a_time(engine: sa.Engine) -> None:
    other = ShortTransactions(engine, LOCK)

    def delete(_connection: sa.Connection, _most: int) -> Deleted:
        assert other.run(lambda *_: pytest.fail("two at once"), "place") == Step(0, "place", is_done=True)
        return Deleted(DONE, 0)

    ShortTransactions(engine, LOCK).run(delete, "")
    assert other.run(lambda *_: Deleted(Step(7, "", is_done=True), 0), "").forgotten == 7


def test_failed_transaction_changes_nothing_and_frees_the_lock(engine: sa.Engine) -> None:
    numbers = count()

    def delete(connection: sa.Connection, _most: int) -> Deleted:
        connection.execute(sa.text("CREATE TABLE left_behind ()"))
        return Deleted(DONE, 1 // next(numbers))

    transactions = ShortTransactions(engine, LOCK)
    with pytest.raises(ZeroDivisionError):
        transactions.run(delete, "")
    assert transactions.run(delete, "") == DONE


@pytest.mark.parametrize(
    ("kind", "days", "field"),
    [(pb.KIND_DATASETS, 1, "kind"), (99, 1, "kind"), (pb.KIND_BATCHES, 0, "days"), (pb.KIND_BATCHES, 36_501, "days")],
)
async def test_what_is_not_stored_here_or_was_stored_today_cannot_be_deleted(kind: int, days: int, field: str) -> None:
    async def forget(_days: int, _after: str) -> Step:
        pytest.fail("called")

    servicer = RetentionServicer({pb.KIND_BATCHES: forget})
    with pytest.raises(Refused) as refusal:
        await servicer.Forget(pb.ForgetRequest(kind=kind, days=days), grpc.aio.ServicerContext)  # type: ignore[arg-type]
    assert [violation.field for violation in refusal.value.violations] == [field]
