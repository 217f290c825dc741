"""All SQL of the service."""

import sqlalchemy as sa

from servicekit.database import database_errors


def schema_revision(engine: sa.Engine) -> str:
    """Returns the revision of the database schema. Blocking: call it off the event loop."""
    with database_errors(), engine.connect() as connection:
        return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one())
