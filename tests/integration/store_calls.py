"""What each public method of each store is called with, on a filled database.

A store is a class of a service whose name ends in `Store`; it is found and made here by itself.
"""

import inspect
import pkgutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

import chat_service
import dataset_service
import prediction_service
from chat_service.conversation_store import ConversationStore
from chat_service.retention_store import ChatRetentionStore
from chat_service.turn_store import NewAnswer, NewQuestion, StoredQuestion, TurnStore
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.profile import ColumnProfile, Profile
from dataset_service.reading.csv_reader import NewTable
from dataset_service.reading.reading import Reading as FileReading
from dataset_service.sharing.store import ShareStore
from dataset_service.storage.loose_file_store import LooseFileStore
from dataset_service.storage.retention_store import DatasetRetentionStore
from dataset_service.storage.store import DatasetStore, NewDataset
from prediction_service.accident import Accident, Reading
from prediction_service.batch_store import Batch, BatchStore, RequestKey
from prediction_service.retention_store import PredictionRetentionStore
from prediction_service.store import PredictionRow, PredictionStore
from scripts.benchmarks.fill import BEGIN
from servicekit.paging import Place
from tests.unit.prediction_service.samples import ORDINARY, estimate

_Store = TypeVar("_Store")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMN = ColumnProfile("값", ColumnKind.INTEGER, 1, 0, ("1",))
TABLE = NewTable("", 1, FileReading("utf-8", ","), Profile((COLUMN,), 0, 0, (), None, "", (), ()))


def find_methods() -> set[Callable[..., Any]]:
    """Returns the public methods of every store of the services."""
    modules = [
        import_module(module.name)
        for package in (prediction_service, dataset_service, chat_service)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not module.name.endswith("__main__")
    ]
    return {
        method
        for module in modules
        for class_name, store in inspect.getmembers(module, inspect.isclass)
        if class_name.endswith("Store") and store.__module__ == module.__name__
        for name, method in inspect.getmembers(store, inspect.isfunction)
        if name[0] != "_"
    }


def row_id(kind: int, number: int) -> str:
    """Returns the id of a row that a call makes."""
    return str(UUID(int=kind << 64 | number))


LOOSE = ("loose.csv", "1.csv", "1.parquet", "new.parquet")


class Stores:
    """The stores of a filled database, `on(PredictionStore)`, and some of its rows."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.asked: list[StoredQuestion] = []
        # Of the first dataset there is most, of the next one little, and of the third one nothing.
        self.dataset, self.rare_dataset, self.unused_dataset, self.another_dataset, self.last_dataset = self._ids(
            "SELECT id FROM dataset.datasets ORDER BY id LIMIT 5"
        )
        self.datasets = (None, self.dataset, self.rare_dataset, self.unused_dataset)
        (self.link,) = self._ids(
            "SELECT id FROM dataset.share_links WHERE dataset_id = :id ORDER BY id DESC LIMIT 1", self.dataset
        )
        self.batch, self.former_batch = self._ids(
            "SELECT id FROM prediction.batches WHERE status = 'completed' ORDER BY id DESC LIMIT 2"
        )
        self.open_batch, self.cancelled_batch, self.abandoned_batch = self._ids(
            "SELECT id FROM prediction.batches WHERE status = 'processing' ORDER BY id LIMIT 3"
        )
        middle = self(BatchStore).get(self.former_batch)
        self.batch_place = Place(middle.created_at, middle.id)
        predictions = "(SELECT id FROM prediction.predictions WHERE batch_id IS NULL ORDER BY id) AS ordered"
        self.predictions = self._ids(f"SELECT id FROM {predictions} OFFSET (SELECT count(*) / 2 FROM {predictions})")
        (self.long_conversation,) = self._ids("SELECT id FROM chat.conversations ORDER BY id LIMIT 1")
        self.conversation, self.other_conversation = self._ids(
            "SELECT id FROM chat.conversations ORDER BY id DESC LIMIT 2"
        )
        (self.question,) = self._ids(
            "SELECT id FROM chat.messages WHERE conversation_id = :id AND role = 'user' ORDER BY turn DESC LIMIT 1",
            self.long_conversation,
        )

    def __call__(self, store: type[_Store]) -> _Store:
        known = {"engine": self._engine, "expected_of": _expected_of}
        return store(**{name: known[name] for name in inspect.signature(store).parameters})

    def _ids(self, query: str, row_id: str | None = None) -> list[str]:
        with self._engine.connect() as connection:
            return [str(found) for found in connection.scalars(sa.text(query), {"id": row_id})]


def _expected_of(eclo: float, _accident: Accident) -> float:
    return eclo


def _new_dataset() -> NewDataset:
    return NewDataset(row_id(1, 1), "사고", "", "사고.csv", "1.csv", "1.parquet", 9, "", "", "another key", "")


def _question(on: Stores, number: int) -> NewQuestion:
    return NewQuestion(
        id=row_id(2, number),
        content="몇 건?",
        conversation_id=on.long_conversation,
        is_new=False,
        dataset_id=on.rare_dataset,
        dataset_name="사고",
        client_id="client-0",
        title="몇 건?",
    )


def _begin_turns(on: Stores) -> None:
    on.asked = [on(TurnStore).begin_turn(_question(on, number)) for number in (1, 2, 3)]


def _answer(number: int) -> NewAnswer:
    return NewAnswer("세 건", (), None, None, False, "claude", 1.0, id=row_id(3, number))


def _read(on: Stores, way: int) -> object:
    _, turns = on(ConversationStore).get(on.long_conversation)
    return list(islice(on(ConversationStore).read(on.long_conversation, turns[::way]), 2))


def _finish(on: Stores) -> Batch:
    batch = on(BatchStore).get(on.open_batch)
    rows = [
        PredictionRow(row_id(4, index), Reading(ORDINARY, ()), estimate(), None, batch.id, index) for index in range(50)
    ]
    return on(BatchStore).finish_slice(batch, 50, rows, [], tries=0, model_version="model", created_at=NOW)


# In an order in which each finds what it needs.
CALLS: Sequence[tuple[Callable[..., Any], Callable[[Stores], object]]] = (
    (PredictionStore.find_many, lambda on: on(PredictionStore).find_many(on.predictions[:20])),
    (
        PredictionStore.list_single,
        lambda on: [
            on(PredictionStore).list_single(limit=50, before_id=before, dataset_id=dataset)
            for before in (None, on.predictions[0])
            for dataset in on.datasets
        ],
    ),
    (
        BatchStore.create,
        lambda on: [
            on(BatchStore).create(
                row_id(5, number),
                [ORDINARY] * 100,
                dataset_id=None,
                most_unfinished=99,
                request=RequestKey("key", "hash"),
            )
            for number in (1, 2)
        ],
    ),
    (BatchStore.get, lambda on: on(BatchStore).get(on.batch)),
    (
        BatchStore.list_latest,
        lambda on: [
            on(BatchStore).list_latest(20, after=after, dataset_id=dataset, unfinished_only=unfinished_only)
            for after in (None, on.batch_place)
            for dataset in on.datasets
            for unfinished_only in (False, True)
        ],
    ),
    (BatchStore.list_unfinished, lambda on: on(BatchStore).list_unfinished(60)),
    (
        BatchStore.results,
        lambda on: [
            on(BatchStore).results(on(BatchStore).get(batch), start, start + 20)
            for batch in (on.batch, on.former_batch)
            for start in (0, 20)
        ],
    ),
    (BatchStore.begin_try, lambda on: on(BatchStore).begin_try(on.open_batch)),
    (BatchStore.take_back_try, lambda on: on(BatchStore).take_back_try(on.open_batch)),
    (BatchStore.slice, lambda on: on(BatchStore).slice(on.open_batch, 0, 50)),
    (BatchStore.finish_slice, _finish),
    (BatchStore.claim_overdue, lambda on: on(BatchStore).claim_overdue(0)),
    (BatchStore.cancel, lambda on: on(BatchStore).cancel(on.cancelled_batch)),
    (BatchStore.give_up, lambda on: on(BatchStore).give_up(on.abandoned_batch, "DATASET_NOT_FOUND")),
    (LooseFileStore.begin, lambda on: on(LooseFileStore).begin(LOOSE, 60)),
    (LooseFileStore.renew, lambda on: on(LooseFileStore).renew(LOOSE, 60)),
    (LooseFileStore.unknown, lambda on: on(LooseFileStore).unknown(LOOSE)),
    (LooseFileStore.unowned, lambda on: on(LooseFileStore).unowned(LOOSE)),
    (LooseFileStore.doom, lambda on: on(LooseFileStore).doom(LOOSE[:1])),
    (LooseFileStore.doom_expired, lambda on: on(LooseFileStore).doom_expired(5)),
    (LooseFileStore.forget, lambda on: on(LooseFileStore).forget(LOOSE[:1])),
    (DatasetStore.missing, lambda on: on(DatasetStore).missing([on.dataset, row_id(1, 2)])),
    (DatasetStore.create, lambda on: on(DatasetStore).create(_new_dataset(), TABLE)),
    (DatasetStore.find_by_key, lambda on: on(DatasetStore).find_by_key("key 3")),
    (DatasetStore.get, lambda on: on(DatasetStore).get(on.dataset)),
    (DatasetStore.get_stored, lambda on: on(DatasetStore).get_stored(on.dataset)),
    (
        DatasetStore.list_newest,
        lambda on: [
            on(DatasetStore).list_newest(limit=3, after=place)
            for place in (None, on(DatasetStore).list_newest(limit=3, offset=2)[1])
        ],
    ),
    (DatasetStore.update, lambda on: on(DatasetStore).update(on.dataset, name="다른 이름", description=None)),
    (
        DatasetStore.replace_table,
        lambda on: on(DatasetStore).replace_table(on.dataset, "new.parquet", "", TABLE, FileReading()),
    ),
    (DatasetStore.keep_table_hash, lambda on: on(DatasetStore).keep_table_hash(on.dataset, "new.parquet", "0")),
    (DatasetStore.delete_expired, lambda on: on(DatasetStore).delete_expired(1)),
    (DatasetStore.acquire_lease, lambda on: on(DatasetStore).acquire_lease(on.dataset, "holder", 60)),
    (DatasetStore.release_lease, lambda on: on(DatasetStore).release_lease(on.dataset, "holder")),
    (DatasetStore.forget_expired_leases, lambda on: on(DatasetStore).forget_expired_leases(5)),
    (ShareStore.create, lambda on: on(ShareStore).create(row_id(6, 1), on.dataset, b"1" * 32, days=7, most_live=9)),
    (
        ShareStore.list_newest,
        lambda on: [
            on(ShareStore).list_newest(dataset, 2, place)
            for dataset in on.datasets
            if dataset
            for place in (None, on(ShareStore).list_newest(on.dataset, 2)[1])
        ],
    ),
    (ShareStore.open, lambda on: on(ShareStore).open(b"1" * 32)),
    (ShareStore.open, lambda on: on(ShareStore).open(b"1" * 32, is_look=True)),
    (ShareStore.revoke, lambda on: on(ShareStore).revoke(on.dataset, on.link)),
    (DatasetStore.delete, lambda on: on(DatasetStore).delete(on.another_dataset, "holder")),
    (TurnStore.begin_turn, _begin_turns),
    (TurnStore.renew, lambda on: on(TurnStore).renew([asked.lease_id for asked in on.asked])),
    (TurnStore.request_stop, lambda on: on(TurnStore).request_stop(on.asked[0].id)),
    (TurnStore.end_turn, lambda on: on(TurnStore).end_turn(on.asked[0], _answer(1))),
    (TurnStore.fail_turn, lambda on: on(TurnStore).fail_turn(on.asked[1], "CUT", _answer(2))),
    (TurnStore.stop_turn, lambda on: on(TurnStore).stop_turn(on.asked[2], None)),
    (TurnStore.store_turn, lambda on: on(TurnStore).store_turn(_question(on, 4), _answer(4))),
    (TurnStore.find_expired, lambda on: on(TurnStore).find_expired()),
    (TurnStore.fail_dead, lambda on: on(TurnStore).fail_dead([asked.lease_id for asked in on.asked])),
    (TurnStore.find_turn, lambda on: on(TurnStore).find_turn(on.question)),
    (ConversationStore.get, lambda on: on(ConversationStore).get(on.long_conversation)),
    (ConversationStore.read, lambda on: [_read(on, way) for way in (1, -1)]),
    (
        ConversationStore.exchanges,
        lambda on: [
            on(ConversationStore).exchanges(on.long_conversation, before=before, most=20)
            for before in (None, on.question)
        ],
    ),
    (
        ConversationStore.list_latest,
        lambda on: [
            on(ConversationStore).list_latest(dataset_id=dataset, client_id=client, limit=20, offset=0, after=after)
            for dataset in on.datasets
            for client in (None, "client-0", "client-1", "no client")
            for after in (None, Place(datetime(2025, 6, 1, tzinfo=UTC), row_id(2, 0)))
        ],
    ),
    (
        ConversationStore.rename,
        lambda on: on(ConversationStore).rename(on.long_conversation, "새 제목", client_id=None),
    ),
    (ConversationStore.delete, lambda on: on(ConversationStore).delete(on.conversation, client_id=None)),
    (PredictionRetentionStore.forget_predictions, lambda on: on(PredictionRetentionStore).forget_predictions(30)),
    (PredictionRetentionStore.forget_batches, lambda on: on(PredictionRetentionStore).forget_batches(30)),
    (
        ChatRetentionStore.forget_conversations,
        # Behind the first one, of which a step deletes a part where it is long.
        lambda on: on(ChatRetentionStore).forget_conversations(30, Place(BEGIN, on.long_conversation).cursor()),
    ),
    (DatasetRetentionStore.list_old, lambda on: on(DatasetRetentionStore).list_old(30, None, 5)),
)
