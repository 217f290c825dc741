"""The tables of datasets go down and up on a filled database, and are those the code speaks of."""

from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dataset_service.storage.tables import metadata
from tests.real_servers import Postgres, migrate

_DIALECT: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


def test_filled_tables_go_down_and_up_again(postgres: Postgres) -> None:
    url = postgres.new_database()
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dataset.datasets (id, name, description, file_name, original_file, table_file, rows, columns,"
            " size_bytes, encoding, delimiter, bytes_hash, content_hash, profile) VALUES"
            " (gen_random_uuid(), 'a', '', 'a', 'a', 'a', 1, 1, 1, 'utf-8', ',', 'h', 'h', '{}') RETURNING id"
        )
        (dataset_id,) = cursor.fetchone() or (None,)
        cursor.execute("INSERT INTO dataset.leases VALUES (%s, 'page', now())", (dataset_id,))
        cursor.execute(
            "INSERT INTO dataset.share_links VALUES (%s, %s, sha256('x'), now(), now())", (dataset_id, dataset_id)
        )
    connection.close()

    migrate(url, "base")
    assert _tables(url) == set()
    migrate(url)
    assert _tables(url) == {"datasets", "leases", "share_links"}
    postgres.drop_database(url)


def test_tables_are_those_the_code_speaks_of(database_url: str) -> None:
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg2://"))
    inspector = sa.inspect(engine)
    for table in metadata.sorted_tables:
        found = {
            column["name"]: (column["type"].compile(dialect=_DIALECT), column["nullable"])
            for column in inspector.get_columns(table.name, schema="dataset")
        }
        spoken_of = {column.name: (column.type.compile(dialect=_DIALECT), column.nullable) for column in table.columns}
        assert found == spoken_of, table.name
    engine.dispose()


def _tables(url: str) -> set[str]:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
    found = set(sa.inspect(engine).get_table_names(schema="dataset"))
    engine.dispose()
    return found
