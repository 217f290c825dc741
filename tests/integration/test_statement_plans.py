"""No statement of a store costs more because more is stored, whatever PostgreSQL knows about its tables.

Each method of each store runs on databases that hold little and a hundred times as much, with fresh statistics, with
those of before the rows came, and without any. PostgreSQL says how many rows and blocks each statement touched.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, NamedTuple

import psycopg2
import pytest
import sqlalchemy as sa

from scripts.benchmarks.fill import Size, Statistics, fill
from servicekit import database
from servicekit.database import create_engine
from servicekit.settings import DatabaseSettings
from tests.integration.store_calls import CALLS, Stores, find_methods
from tests.real_servers import Postgres

# What may be unfinished at a time is a setting, so it does not grow.
LITTLE = Size(400, 20, 50, 10, 200, 40, unfinished=3)
MUCH = replace(
    LITTLE,
    **{name: 100 * getattr(LITTLE, name) for name in LITTLE.__slots__ if name not in ("batch_items", "unfinished")},
)
STATISTICS: tuple[Statistics, ...] = ("stale", "none", "fresh")
# A tree of a hundred times as many rows is one or two blocks deeper for each row that is looked up.
MOST_TIMES, MORE_ROWS, MORE_BLOCKS = 1.5, 100, 100


class Touched(NamedTuple):
    """A statement, and how many rows and blocks it touched."""

    statement: str
    rows: int
    blocks: int


Report = Mapping[Callable[..., Any], list[Touched] | Exception]


class Plans:
    """What each statement of an engine touches, found by running it twice: once to be told."""

    def __init__(self, engine: sa.Engine) -> None:
        self.touched: list[Touched] = []
        sa.event.listen(engine, "before_cursor_execute", self._explain)

    def _explain(self, connection: sa.Connection, _: object, statement: str, parameters: Any, *more: object) -> None:
        if not statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            return
        raw: Any = connection.connection.dbapi_connection
        with raw.cursor() as cursor:
            if not raw.autocommit:
                cursor.execute("SAVEPOINT before_it")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
            (plan,) = cursor.fetchone()[0]
            if not raw.autocommit:
                cursor.execute("ROLLBACK TO before_it")
        top = plan["Plan"]
        self.touched.append(Touched(statement, _rows(top), top["Shared Hit Blocks"] + top["Shared Read Blocks"]))


def _rows(node: dict[str, Any]) -> int:
    ways = ("Actual Rows", *(key for key in node if key.startswith("Rows Removed")))
    here: float = sum(node[way] for way in ways) * node["Actual Loops"]
    return round(here + sum(_rows(child) for child in node.get("Plans", ())))


def run_all(engine: sa.Engine) -> Report:
    """Calls each method; returns what its statements touched, or why it failed."""
    plans, on = Plans(engine), Stores(engine)
    report: dict[Callable[..., Any], list[Touched] | Exception] = {}
    for method, call in CALLS:
        plans.touched = []
        try:
            call(on)
        except Exception as error:  # noqa: BLE001 - the test of this method raises it
            report[method] = error
        else:
            report[method] = plans.touched
    return report


def fill_all(postgres: Postgres, size: Size) -> Iterator[tuple[Statistics, str]]:
    """Yields the URLs of three databases that hold the same, whose temporary datasets and leases have all expired."""
    for statistics in STATISTICS[:2]:
        url = postgres.new_database()
        fill(url, size, statistics)
        with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
            ago = "clock_timestamp() - interval '1 day'"
            cursor.execute(f"UPDATE dataset.datasets SET expires_at = {ago} WHERE expires_at IS NOT NULL")
            cursor.execute(f"INSERT INTO dataset.leases SELECT id, 'holder', {ago} FROM dataset.datasets")
            cursor.execute(f"INSERT INTO dataset.loose_files SELECT 'loose ' || id, {ago} FROM dataset.datasets")
        yield statistics, url
    url = postgres.copy_of(url)
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield STATISTICS[2], url


@pytest.fixture(scope="module")
def few_counted() -> Iterator[None]:
    """Lets lists be counted up to fewer rows than there are in any of the databases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "MOST_COUNTED", 2)
        yield


@pytest.fixture(scope="module")
def reports(postgres: Postgres, few_counted: None) -> Mapping[tuple[Size, Statistics], Report]:
    """What each method touches in each of the databases."""
    databases = [(size, *database) for size in (LITTLE, MUCH) for database in fill_all(postgres, size)]
    reports = {}
    for size, statistics, url in databases:
        engine = create_engine(DatabaseSettings(DATABASE_URL=url))
        reports[size, statistics] = run_all(engine)
        engine.dispose()
        postgres.drop_database(url)
    return reports


def test_every_method_of_every_store_is_called() -> None:
    assert {method for method, _ in CALLS} == find_methods()


@pytest.mark.parametrize("method", [method for method, _ in CALLS], ids=lambda method: method.__qualname__)
def test_statements_touch_no_more_where_more_is_stored(
    method: Callable[..., Any], reports: Mapping[tuple[Size, Statistics], Report]
) -> None:
    worse = [text for statistics in STATISTICS for text in _worse(method, statistics, reports)]
    assert not worse, "\n".join(worse)


def _worse(
    method: Callable[..., Any], statistics: Statistics, reports: Mapping[tuple[Size, Statistics], Report]
) -> Iterator[str]:
    little, much = (_touched_by(method, reports[size, statistics]) for size in (LITTLE, MUCH))
    if [few.statement for few in little] != [many.statement for many in much]:
        yield "other statements where there is more"
        return
    for few, many in zip(little, much, strict=True):
        if many.rows > MOST_TIMES * few.rows + MORE_ROWS or many.blocks > MOST_TIMES * few.blocks + MORE_BLOCKS:
            yield (
                f"with {statistics} statistics {many.rows} rows and {many.blocks} blocks"
                f" instead of {few.rows} and {few.blocks}: {few.statement}"
            )


def _touched_by(method: Callable[..., Any], report: Report) -> list[Touched]:
    outcome = report[method]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
