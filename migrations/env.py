"""Runs the one migration history of the three schemas against DATABASE_URL."""

import time

import sqlalchemy as sa
from alembic import context

from servicekit.settings import DatabaseSettings

# Advisory lock, so that two stacks starting at once do not migrate at once. Any constant works.
_MIGRATION_LOCK = 20260101


def _migrate() -> None:
    url = sa.make_url(DatabaseSettings().database_url.get_secret_value()).set(drivername="postgresql+psycopg2")
    engine = sa.create_engine(url, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        _lock(connection)
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()


def _lock(connection: sa.Connection) -> None:
    """Takes the lock for as long as the connection is open: an index made concurrently ends the transaction.

    It asks again instead of waiting in one statement, for whose end the making of that index would wait in turn.
    """
    while not connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": _MIGRATION_LOCK}):
        connection.rollback()
        time.sleep(0.1)
    connection.rollback()  # Alembic begins its own transaction


_migrate()
