"""The one migration history: up, back down on a filled database, and as the services describe their tables."""

import importlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dataset_service.reading.reading import ColumnReading, Reading
from tests.real_servers import REPOSITORY, Postgres, migrate

# Every service that has tables describes them in a module `tables`; a new one is found here by itself.
FILES = sorted(path.relative_to(REPOSITORY) for path in REPOSITORY.glob("*_service/**/tables.py"))
METADATA: Sequence[sa.MetaData] = [
    importlib.import_module(".".join(file.with_suffix("").parts)).metadata for file in FILES
]
TABLES = [table for metadata in METADATA for table in metadata.sorted_tables]
SCHEMAS = {"prediction", "dataset", "chat"}
# Indexes, constraints, defaults and comments have one place only, the migrations or the tables.
_SAID_ONCE = {"remove_index", "remove_constraint", "modify_comment", "modify_default", "add_table_comment"}
# What a row of any table may hold.
_BY_NAME: dict[str, Any] = {"status": "pending", "role": "user", "token_hash": b"\0" * 32}
_BY_TYPE: dict[type, Any] = {
    int: 1,
    float: 1.0,
    bool: True,
    str: "x",
    object: {},
    datetime: datetime(2026, 1, 1, tzinfo=UTC),
}


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg2"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _schemas(url: str) -> set[str]:
    with _connected(url) as connection:
        return SCHEMAS & set(sa.inspect(connection).get_schema_names())


def _differences(url: str) -> list[Any]:
    def is_ours(name: str | None, kind: str, _parent: Any) -> bool:
        return kind != "schema" or name in SCHEMAS

    options: dict[str, Any] = {"include_schemas": True, "include_name": is_ours, "compare_type": True}
    with _connected(url) as connection:
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, list(METADATA))  # type: ignore[arg-type]  # it takes several
    # Alembic tells changes of one column as a list of their own.
    single = [change for changes in found for change in (changes if isinstance(changes, list) else [changes])]
    return [change for change in single if change[0] not in _SAID_ONCE]


def _value(column: sa.Column[Any]) -> Any:
    if column.name in _BY_NAME:
        return _BY_NAME[column.name]
    if isinstance(column.type, sa.UUID):
        return str(UUID(int=1))  # the same everywhere, so that what refers to something finds it
    return _BY_TYPE[column.type.python_type]


def _fill(url: str) -> None:
    with _connected(url) as connection:
        for table in TABLES:
            connection.execute(sa.insert(table).values({column.key: _value(column) for column in table.columns}))


def test_history_has_one_end() -> None:
    script = ScriptDirectory.from_config(Config(str(REPOSITORY / "migrations" / "alembic.ini")))
    assert len(script.get_heads()) == 1


def test_going_up_twice_changes_nothing(database_url: str) -> None:
    _fill(database_url)
    migrate(database_url)
    assert _schemas(database_url) == SCHEMAS
    with _connected(database_url) as connection:
        assert {connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in TABLES} == {1}


def test_filled_database_goes_down_and_up_again(postgres: Postgres) -> None:
    url = postgres.new_database()
    _fill(url)
    migrate(url, "base")
    assert _schemas(url) == set()
    migrate(url)
    assert _differences(url) == []
    postgres.drop_database(url)


def test_dataset_of_before_has_a_reading_that_says_how_it_was_read(postgres: Postgres) -> None:
    url = postgres.new_database()
    _fill(url)
    (head,) = ScriptDirectory.from_config(Config(str(REPOSITORY / "migrations" / "alembic.ini"))).get_heads()
    migrate(url, f"-{int(head) - 8}")  # below 0009, which adds readings
    profile = {"columns": [{"name": "구", "kind": "text"}, {"name": "건수", "kind": "integer"}]}
    with _connected(url) as connection:
        change = "UPDATE dataset.datasets SET encoding = 'cp949', delimiter = ';', profile = :profile"
        connection.execute(sa.text(change), {"profile": json.dumps(profile)})
    migrate(url)
    with _connected(url) as connection:
        row = connection.execute(sa.text("SELECT reading, chosen FROM dataset.datasets")).one()
    assert Reading.from_document(row.reading) == Reading(
        "cp949", ";", '"', "", 1, 1, 0, 0, (), (), {"구": ColumnReading("text"), "건수": ColumnReading("integer")}
    )
    assert row.chosen == {"encoding": "cp949"}
    postgres.drop_database(url)


def test_messages_of_before_are_counted_and_so_are_those_that_an_earlier_version_stores(postgres: Postgres) -> None:
    url = postgres.new_empty_database()
    migrate(url, "0013")
    conversation, message = (
        "INSERT INTO chat.conversations (id, dataset_id, dataset_name, client_id, title, version)"
        " VALUES (md5(:name)::uuid, md5('d')::uuid, '', '', '', 1)",
        "INSERT INTO chat.messages (id, conversation_id, turn, role, content, status)"
        " VALUES (gen_random_uuid(), md5(:name)::uuid, :turn, 'user', '', 'complete')",
    )
    counts = "SELECT md5('one')::uuid = id AS is_first, message_count FROM chat.conversations ORDER BY 1"
    with _connected(url) as connection:
        connection.execute(sa.text(conversation), [{"name": "one"}, {"name": "two"}])
        connection.execute(sa.text(message), [{"name": "one", "turn": turn} for turn in range(3)])
    migrate(url)
    with _connected(url) as connection:
        assert connection.execute(sa.text(counts)).all() == [(False, 0), (True, 3)]
        connection.execute(sa.text(message), [{"name": "two", "turn": turn} for turn in range(2)])
        connection.execute(sa.text("DELETE FROM chat.messages WHERE turn = 1"))
        assert connection.execute(sa.text(counts)).all() == [(False, 1), (True, 2)]
        connection.execute(sa.text("DELETE FROM chat.conversations WHERE id = md5('one')::uuid"))
        assert connection.execute(sa.text(counts)).all() == [(False, 1)]
    postgres.drop_database(url)


def test_tables_are_what_the_services_say(database_url: str) -> None:
    assert {metadata.schema for metadata in METADATA} == SCHEMAS
    assert _differences(database_url) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE prediction.batches ADD COLUMN forgotten text",
        "ALTER TABLE prediction.batches DROP COLUMN failure",
        "ALTER TABLE prediction.predictions ALTER COLUMN eclo_value TYPE text",
        "ALTER TABLE prediction.batches ALTER COLUMN dataset_id SET NOT NULL",
        "ALTER TABLE chat.messages DROP CONSTRAINT messages_conversation_id_fkey",
        "DROP TABLE prediction.batch_items",
        "CREATE TABLE prediction.forgotten (id uuid)",
    ],
)
def test_every_kind_of_difference_would_be_seen(database_url: str, change: str) -> None:
    with _connected(database_url) as connection:
        connection.execute(sa.text(change))
    assert _differences(database_url)
