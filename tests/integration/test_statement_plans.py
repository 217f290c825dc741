"""No statement of a store costs more because its tables were filled since their statistics were taken.

Every method of every store runs on two databases that hold the same, one analysed when it was filled and one when it
held a row of each kind. PostgreSQL says how many rows each statement touched.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chat_service.conversation_store import ConversationStore
from chat_service.turn_store import NewAnswer, NewQuestion, StoredQuestion, TurnStore
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.profile import ColumnProfile, Profile
from dataset_service.reading.csv_reader import NewTable
from dataset_service.reading.reading import Reading as FileReading
from dataset_service.sharing.store import ShareStore
from dataset_service.storage.store import DatasetStore, NewDataset
from prediction_service.accident import Accident, Reading
from prediction_service.batch_store import Batch, BatchStore
from prediction_service.store import PredictionRow, PredictionStore
from servicekit.database import create_engine
from servicekit.settings import DatabaseSettings
from tests.real_servers import Postgres
from tests.unit.prediction_service.samples import ORDINARY, estimate

STORES = (PredictionStore, BatchStore, DatasetStore, ShareStore, ConversationStore, TurnStore)
BATCHES, ITEMS = 20, 1_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMN = ColumnProfile("값", ColumnKind.INTEGER, 1, 0, ("1",))
TABLE = NewTable("", 1, FileReading("utf-8", ","), Profile((COLUMN,), 0, 0, (), None, "", (), ()))


def row_id(kind: int, number: int) -> str:
    """Returns what `id_of(kind, number)` is in SQL."""
    return str(UUID(int=kind << 64 | number))


ID_OF = """CREATE FUNCTION id_of(kind integer, number integer) RETURNS text IMMUTABLE LANGUAGE sql
AS $$ SELECT lpad(to_hex(kind), 16, '0') || lpad(to_hex(number), 16, '0') $$"""
BATCH, OPEN_BATCH, DATASET, LINK, CONVERSATION = (row_id(kind, 7) for kind in range(1, 6))
QUESTION = row_id(6, 7_000)
# The rows of a table are copies of its first one: how many, and what is different in row `n` from 0 on.
COPIES = (
    ("prediction.batches", BATCHES, f"'id', id_of(1, n), 'total', {ITEMS}, 'done', {ITEMS}"),
    (
        "prediction.batches",
        BATCHES,
        f"'id', id_of(2, n), 'total', {ITEMS}, 'done', 0, 'status', 'processing', 'finished_at', null",
    ),
    ("prediction.batch_items", BATCHES * ITEMS, f"'batch_id', id_of(1, n / {ITEMS}), 'index', mod(n, {ITEMS})"),
    ("prediction.batch_items", ITEMS, "'batch_id', id_of(2, 7), 'index', n"),
    (
        "prediction.predictions",
        BATCHES * ITEMS,
        f"'id', id_of(7, n), 'batch_id', id_of(1, n / {ITEMS}), 'batch_index', mod(n, {ITEMS})",
    ),
    ("prediction.predictions", 10_000, "'id', id_of(8, n), 'batch_id', null, 'batch_index', null"),
    (
        "dataset.datasets",
        1_000,
        "'id', id_of(3, n), 'original_file', n, 'table_file', -n, 'idempotency_key', n,"
        " 'uploaded_at', now() - n * interval '1 minute'",
    ),
    (
        "dataset.share_links",
        1_000,
        "'id', id_of(4, n), 'dataset_id', id_of(3, n), 'token_hash', '\\x' || encode(sha256(n::text::bytea), 'hex')",
    ),
    (
        "chat.conversations",
        1_000,
        "'id', id_of(5, n), 'dataset_id', id_of(3, n), 'client_id', 'client-' || mod(n, 50),"
        " 'updated_at', now() - n * interval '1 minute'",
    ),
    (
        "chat.messages",
        20_000,
        "'id', id_of(6, n), 'conversation_id', id_of(5, n / 1000), 'turn', mod(n, 1000) / 2 + 1,"
        " 'role', CASE WHEN mod(n, 2) = 0 THEN 'user' ELSE 'assistant' END",
    ),
)


def _expected_of(eclo: float, _accident: Accident) -> float:
    return eclo


def prediction(batch_id: str, index: int) -> PredictionRow:
    return PredictionRow(row_id(9, index), Reading(ORDINARY, ()), estimate(), None, batch_id, index)


def new_dataset(number: int) -> NewDataset:
    dataset_id = row_id(10, number)
    return NewDataset(
        dataset_id, "사고", "", "사고.csv", f"{number}.csv", f"{number}.parquet", 9, "", "", f"key {number}", ""
    )


def new_question(number: int, *, conversation_id: str = CONVERSATION, is_new: bool = False) -> NewQuestion:
    return NewQuestion(
        id=row_id(11, number),
        content="몇 건?",
        conversation_id=conversation_id,
        is_new=is_new,
        dataset_id=DATASET,
        dataset_name="사고",
        client_id="client-7",
        title="몇 건?",
    )


def new_answer(number: int) -> NewAnswer:
    return NewAnswer("세 건", (), None, None, False, "claude", 1.0, id=row_id(12, number))


class Stores:
    """The stores of one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self.predictions, self.batches = PredictionStore(engine, _expected_of), BatchStore(engine, _expected_of)
        self.datasets, self.shares = DatasetStore(engine), ShareStore(engine)
        self.conversations, self.turns = ConversationStore(engine), TurnStore(engine)

    def begin(self) -> None:
        """Makes the first row of each table."""
        batch = self.batches.create(row_id(13, 0), [ORDINARY], dataset_id=None, most_unfinished=1)
        self.finish(batch, 1)
        (dataset, *_), _ = self.datasets.create(new_dataset(0), TABLE)
        self.shares.create(row_id(13, 0), dataset.id, b"0" * 32, days=7, most_live=1)
        self.datasets.acquire_lease(dataset.id, "holder", 60)
        asked = self.turns.begin_turn(new_question(0, conversation_id=row_id(13, 0), is_new=True))
        self.turns.end_turn(asked, new_answer(0))

    def finish(self, batch: Batch, size: int) -> None:
        rows = [prediction(batch.id, index) for index in range(batch.done, batch.done + size)]
        self.batches.finish_slice(batch, size, rows, [], tries=0, model_version="model", created_at=NOW)


def asked(number: int) -> StoredQuestion:
    return StoredQuestion(row_id(11, number), CONVERSATION, 500 + number, 1, False)


# What each method is called with, in an order in which each finds what it needs.
CALLS: Sequence[tuple[Callable[..., Any], Callable[[Stores], object]]] = (
    (PredictionStore.find_many, lambda on: on.predictions.find_many([row_id(8, 5), row_id(7, 5)])),
    (
        PredictionStore.list_single,
        lambda on: on.predictions.list_single(limit=50, before_id=row_id(8, 5_000), dataset_id=None),
    ),
    (
        BatchStore.create,
        lambda on: on.batches.create(row_id(2, 99), [ORDINARY] * 100, dataset_id=None, most_unfinished=99),
    ),
    (BatchStore.get, lambda on: on.batches.get(BATCH)),
    (BatchStore.list_latest, lambda on: on.batches.list_latest(20)),
    (BatchStore.items_ahead, lambda on: on.batches.items_ahead(on.batches.get(OPEN_BATCH))),
    (BatchStore.is_worked_on, lambda on: on.batches.is_worked_on(60)),
    (BatchStore.list_results, lambda on: on.batches.list_results(BATCH, limit=1_000, offset=0)),
    (BatchStore.begin_try, lambda on: on.batches.begin_try(OPEN_BATCH)),
    (BatchStore.take_back_try, lambda on: on.batches.take_back_try(OPEN_BATCH)),
    (BatchStore.slice, lambda on: on.batches.slice(OPEN_BATCH, 0, 250)),
    (BatchStore.finish_slice, lambda on: on.finish(on.batches.get(OPEN_BATCH), 250)),
    (BatchStore.claim_overdue, lambda on: on.batches.claim_overdue(0, 10)),
    (BatchStore.cancel, lambda on: on.batches.cancel(OPEN_BATCH)),
    (BatchStore.give_up, lambda on: on.batches.give_up(OPEN_BATCH, "DATASET_NOT_FOUND")),
    (DatasetStore.create, lambda on: on.datasets.create(new_dataset(1), TABLE)),
    (DatasetStore.find_by_key, lambda on: on.datasets.find_by_key("7")),
    (DatasetStore.get, lambda on: on.datasets.get(DATASET)),
    (DatasetStore.get_stored, lambda on: on.datasets.get_stored(DATASET)),
    (DatasetStore.list_newest, lambda on: on.datasets.list_newest(limit=20, offset=0)),
    (DatasetStore.update, lambda on: on.datasets.update(DATASET, name="다른 이름", description=None)),
    (
        DatasetStore.replace_table,
        lambda on: on.datasets.replace_table(DATASET, "new.parquet", "", TABLE, FileReading()),
    ),
    (DatasetStore.keep_table_hash, lambda on: on.datasets.keep_table_hash(DATASET, "new.parquet", "0")),
    (DatasetStore.delete_expired, lambda on: on.datasets.delete_expired()),
    (DatasetStore.acquire_lease, lambda on: on.datasets.acquire_lease(DATASET, "holder", 60)),
    (DatasetStore.release_lease, lambda on: on.datasets.release_lease(DATASET, "holder")),
    (DatasetStore.forget_expired_leases, lambda on: on.datasets.forget_expired_leases()),
    (DatasetStore.file_names, lambda on: on.datasets.file_names()),
    (ShareStore.create, lambda on: on.shares.create(row_id(4, 9_999), DATASET, b"1" * 32, days=7, most_live=9)),
    (ShareStore.list_newest, lambda on: on.shares.list_newest(DATASET, 20)),
    (ShareStore.open, lambda on: on.shares.open(sha256(b"7").digest())),
    (ShareStore.revoke, lambda on: on.shares.revoke(DATASET, LINK)),
    (DatasetStore.delete, lambda on: on.datasets.delete(DATASET, "holder")),
    (TurnStore.begin_turn, lambda on: [on.turns.begin_turn(new_question(number)) for number in (1, 2, 3)]),
    (TurnStore.end_turn, lambda on: on.turns.end_turn(asked(1), new_answer(1))),
    (TurnStore.fail_turn, lambda on: on.turns.fail_turn(asked(2), "CUT", new_answer(2))),
    (TurnStore.stop_turn, lambda on: on.turns.stop_turn(asked(3), None)),
    (TurnStore.store_turn, lambda on: on.turns.store_turn(new_question(4), new_answer(4))),
    (TurnStore.fail_pending, lambda on: on.turns.fail_pending(0)),
    (ConversationStore.get, lambda on: on.conversations.get(CONVERSATION)),
    (TurnStore.find_turn, lambda on: on.turns.find_turn(QUESTION)),
    (ConversationStore.exchanges, lambda on: on.conversations.exchanges(CONVERSATION, before=row_id(11, 1), most=20)),
    (
        ConversationStore.list_latest,
        lambda on: on.conversations.list_latest(dataset_id=DATASET, client_id=None, limit=20, offset=0),
    ),
    (ConversationStore.rename, lambda on: on.conversations.rename(CONVERSATION, "새 제목", client_id=None)),
    (ConversationStore.delete, lambda on: on.conversations.delete(CONVERSATION, client_id=None)),
)


class Plans:
    """How many rows each statement of an engine touches, found by running it twice: once to be told."""

    def __init__(self, engine: sa.Engine) -> None:
        self.touched: list[tuple[str, int]] = []
        sa.event.listen(engine, "before_cursor_execute", self._explain)

    def _explain(self, connection: sa.Connection, _: object, statement: str, parameters: Any, *more: object) -> None:
        raw: Any = connection.connection.dbapi_connection
        with raw.cursor() as cursor:
            if not raw.autocommit:
                cursor.execute("SAVEPOINT before_it")
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
            (plan,) = cursor.fetchone()[0]
            if not raw.autocommit:
                cursor.execute("ROLLBACK TO before_it")
        self.touched.append((statement, _touched(plan["Plan"])))


def _touched(node: dict[str, Any]) -> int:
    ways = ("Actual Rows", *(key for key in node if key.startswith("Rows Removed")))
    here: float = sum(node[way] for way in ways) * node["Actual Loops"]
    return round(here + sum(_touched(child) for child in node.get("Plans", ())))


@pytest.fixture
def databases(postgres: Postgres) -> Iterator[tuple[sa.Engine, sa.Engine]]:
    """Two databases that hold the same: one analysed, and one when it was almost empty."""
    stale_url = postgres.new_database()
    stale = create_engine(DatabaseSettings(DATABASE_URL=stale_url))
    Stores(stale).begin()
    with stale.begin() as connection:
        for table in {table: None for table, *_ in COPIES} | {"dataset.leases": None}:
            connection.execute(sa.text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
        connection.execute(sa.text("ANALYZE"))
        connection.execute(sa.text(ID_OF))
        for table, count, changes in COPIES:
            connection.exec_driver_sql(
                f"INSERT INTO {table} SELECT copy.* FROM (SELECT * FROM {table} LIMIT 1) AS first,"
                f" generate_series(0, {count - 1}) AS n,"
                f" jsonb_populate_record(null::{table}, to_jsonb(first) || jsonb_build_object({changes})) AS copy"
            )
    stale.dispose()
    fresh_url = postgres.copy_of(stale_url)
    fresh = create_engine(DatabaseSettings(DATABASE_URL=fresh_url))
    with fresh.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    yield stale, fresh
    for engine, url in ((stale, stale_url), (fresh, fresh_url)):
        engine.dispose()
        postgres.drop_database(url)


def test_every_method_of_every_store_is_called() -> None:
    public = {
        method
        for store in STORES
        for name, method in vars(store).items()
        if inspect.isfunction(method) and name[0] != "_"
    }
    assert {method for method, _ in CALLS} == public


def test_no_statement_touches_more_rows_for_the_age_of_its_statistics(databases: tuple[sa.Engine, sa.Engine]) -> None:
    plans = [Plans(engine) for engine in databases]
    stores = [Stores(engine) for engine in databases]
    for _, call in CALLS:
        for on in stores:
            call(on)
    stale, fresh = (plan.touched for plan in plans)
    assert [statement for statement, _ in stale] == [statement for statement, _ in fresh]
    worse = [
        f"{rows} rows instead of {usual}: {statement}"
        for (statement, rows), (_, usual) in zip(stale, fresh, strict=True)
        if rows > 2 * usual + 100
    ]
    assert worse == []
