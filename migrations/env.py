"""Runs the one migration history of the three schemas against DATABASE_URL."""

import sqlalchemy as sa
from alembic import context

from servicekit.settings import DatabaseSettings

# Advisory lock, so that two stacks starting at once do not migrate at once. Any constant works.
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
