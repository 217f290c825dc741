"""PostgreSQL for a service: an engine with short timeouts, and errors for an unavailable database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg2
import sqlalchemy as sa
from sqlalchemy import exc

from servicekit.errors import DatabaseUnavailable
from servicekit.paging import MOST_COUNTED, Place
from servicekit.settings import DatabaseSettings

_DISK_FULL = "53100"
_disk_was_full = threading.Event()
# Each statement has an index in whose order it reads. Where statistics are old or missing, PostgreSQL may take reading
# the whole table, or collecting and sorting all matching rows, for as cheap; and compiling such a plan for worth it.
_ALWAYS_BY_INDEX = ("enable_seqscan=off", "enable_bitmapscan=off", "jit=off")
# SQLSTATEs of temporary failures: connection, resources, operator intervention, timeouts.
_UNAVAILABLE_STATES = ("08", "53", "57", "58", "55P03", "25P03")


def connection_arguments(settings: DatabaseSettings) -> dict[str, str | int]:
    """Returns the libpq arguments that bound every wait (connecting, statements, locks, dead peers) and every plan."""
    timeouts = (
        f"statement_timeout={settings.database_statement_seconds * 1000:.0f}",
        f"lock_timeout={settings.database_lock_seconds * 1000:.0f}",
        "idle_in_transaction_session_timeout=30000",
    )
    return {
        "connect_timeout": settings.database_connect_seconds,
        "options": " ".join(f"-c {option}" for option in (*_ALWAYS_BY_INDEX, *timeouts)),
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": int(settings.database_statement_seconds * 1000),
    }


def create_engine(settings: DatabaseSettings) -> sa.Engine:
    """Returns an engine whose pool refuses after one second instead of queueing."""
    return sa.create_engine(
        sa.make_url(settings.database_url.get_secret_value()).set(drivername="postgresql+psycopg2"),
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=1.0,
        pool_pre_ping=True,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # errors are logged, and must not contain questions or data
        connect_args=connection_arguments(settings),
    )


@contextmanager
def database_errors() -> Iterator[None]:
    """Raises `DatabaseUnavailable` for errors of an unavailable database; other errors pass unchanged."""
    try:
        yield
    except (exc.TimeoutError, exc.InterfaceError, psycopg2.InterfaceError) as error:
        raise DatabaseUnavailable("DATABASE_UNAVAILABLE", str(error)) from error
    except (exc.DBAPIError, psycopg2.Error) as error:
        if is_unavailable(error):
            raise unavailable(error) from error
        raise


@contextmanager
def connected(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yields a connection and commits at the end. Raises `DatabaseUnavailable`."""
    with database_errors(), engine.begin() as connection:
        yield connection


def count_some(rows: sa.Select[Any]) -> sa.Select[int]:
    """Returns the statement that counts the rows of a query, at most `MOST_COUNTED` of them."""
    return sa.select(sa.func.count()).select_from(rows.limit(MOST_COUNTED).subquery())


def is_behind(place: Place, at: sa.ColumnElement[Any], row_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Returns the condition that a row comes after a place in a list with the newest first."""
    return sa.tuple_(at, row_id) < sa.tuple_(*place, types=[at.type, row_id.type])


def unavailable(error: exc.DBAPIError | psycopg2.Error) -> DatabaseUnavailable:
    """Returns the refusal for an error for which `is_unavailable` holds. Notes a full disk for `require_room`."""
    if _state(error) == _DISK_FULL:
        _disk_was_full.set()
        return DatabaseUnavailable("STORAGE_FULL", str(error).strip())
    return DatabaseUnavailable("DATABASE_UNAVAILABLE", str(error).strip())


def is_unavailable(error: exc.DBAPIError | psycopg2.Error) -> bool:
    """Tells whether the database was unavailable, as opposed to rejecting the statement."""
    state = _state(error)
    if state is None:  # no answer from the server: libpq lost or never had the connection
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        return isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError | psycopg2.DatabaseError)
    return state.startswith(_UNAVAILABLE_STATES)


def _state(error: exc.DBAPIError | psycopg2.Error) -> str | None:
    return getattr(error.orig if isinstance(error, exc.DBAPIError) else error, "pgcode", None)


def ping(engine: sa.Engine) -> None:
    """Runs an empty query. Raises `DatabaseUnavailable` when the database does not answer."""
    with database_errors(), engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))


def require_room(engine: sa.Engine) -> None:
    """After the database's disk was full, checks whether it can write again. Raises `STORAGE_FULL` if not."""
    if _disk_was_full.is_set():
        with database_errors(), engine.connect() as connection:
            connection.execute(sa.text("CREATE TEMPORARY TABLE room ON COMMIT DROP AS SELECT 1"))
            connection.rollback()
            _disk_was_full.clear()
