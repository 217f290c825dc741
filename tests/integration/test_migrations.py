"""The one migration history: up, and back down on a filled database."""

import psycopg2
import pytest

from tests.real_servers import Postgres, migrate

SCHEMAS = {"prediction", "dataset", "chat"}


def _schemas(url: str) -> set[str]:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", (list(SCHEMAS),))
        found = {row[0] for row in cursor.fetchall()}
    connection.close()
    return found


def test_every_schema_is_there_after_going_up(database_url: str) -> None:
    assert _schemas(database_url) == SCHEMAS


def test_going_up_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    assert _schemas(database_url) == SCHEMAS


def test_filled_database_goes_down_and_up_again(postgres: Postgres) -> None:
    url = postgres.new_database()
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO prediction.batches (id, status, total) VALUES (gen_random_uuid(), 'pending', 1) RETURNING id"
        )
        (batch_id,) = cursor.fetchone() or pytest.fail("no row came back")
        cursor.execute("INSERT INTO prediction.batch_items VALUES (%s, 0, '{}')", (batch_id,))
    connection.close()

    migrate(url, "base")
    assert _schemas(url) == set()
    migrate(url)
    assert _schemas(url) == SCHEMAS
    postgres.drop_database(url)
