"""Runs the one migration history of the three schemas against DATABASE_URL."""

import sqlalchemy as sa
from alembic import context

from servicekit.settings import DatabaseSettings

# Two stacks that start at once must not migrate at once: any number will do, as long as it is always this one.
_MIGRATION_LOCK = 20260101


def _migrate() -> None:
    url = sa.make_url(DatabaseSettings().database_url.get_secret_value()).set(drivername="postgresql+psycopg2")
    engine = sa.create_engine(url, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            context.run_migrations()


_migrate()
