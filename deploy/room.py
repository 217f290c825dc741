"""What takes how much room, how fast it grows, and when the disk is full at that pace.

`./scripts/doctor` tells it. In containers, where the database cannot be reached from outside, ask one that can:
`docker compose -f deploy/docker-compose.yml exec dataset python -m deploy.room`. It changes nothing, and reads no more
of a large database than of a small one: sizes and estimates that PostgreSQL has, and the newest entries of indexes.
"""

import argparse
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import psycopg2
import redis

from deploy import room_texts as texts
from servicekit.settings import DatabaseSettings
from worker.settings import WorkerSettings

_DAY, _DAYS = 86_400, 7
_CONNECT_SECONDS, _STATEMENT_SECONDS = 2, 5
_SOON_DAYS, _FAR_DAYS = 30, 3650
_GROUPS = {
    "prediction.predictions": texts.PREDICTIONS,
    "prediction": texts.BATCHES,
    "chat": texts.CONVERSATIONS,
    "dataset": texts.DATASETS,
}
_TABLES = """
SELECT schemaname, stats.relname, pg_total_relation_size(relid), greatest(reltuples, n_live_tup)
  FROM pg_stat_user_tables AS stats JOIN pg_class ON oid = relid
 WHERE schemaname IN ('prediction', 'chat', 'dataset')
"""
# Ids are UUIDv7, which begin with the time in milliseconds: the newest rows are the end of the primary key. More than a
# million rows in a day are taken for a million.
_NEWEST = """
SELECT count(*), coalesce(extract(epoch FROM now()) - min(milliseconds) / 1000.0, 0)
  FROM (SELECT ('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint AS milliseconds
          FROM {table}
         WHERE id >= (lpad(to_hex(((extract(epoch FROM now()) - %s) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
         ORDER BY id DESC
         LIMIT 1000000) AS newest
"""
# The items of a batch have no time of their own.
_NEW_ITEMS = """
SELECT coalesce(sum(total), 0)
  FROM (SELECT total, columns FROM prediction.batches
         WHERE id >= (lpad(to_hex(((extract(epoch FROM now()) - %s) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
         ORDER BY id DESC
         LIMIT 10000) AS newest
 WHERE columns IS NULL
"""


class Part(NamedTuple):
    """Something that takes room, and how many bytes of it are added a day."""

    name: str
    size_bytes: int
    daily_bytes: float = 0.0


class Outlook(NamedTuple):
    """What is said of the room, and whether the disk is full soon."""

    sentences: list[str]
    is_soon_full: bool


def measure_database(url: str) -> list[Part]:
    """Returns the parts of a database. Raises `psycopg2.Error`."""
    options = f"-c statement_timeout={_STATEMENT_SECONDS * 1000}"
    sizes: dict[str, int] = defaultdict(int)
    daily: dict[str, float] = defaultdict(float)
    with closing(psycopg2.connect(url, connect_timeout=_CONNECT_SECONDS, options=options)) as connection:
        connection.set_session(readonly=True, autocommit=True)
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)
            for schema, table, size, rows in cursor.fetchall():
                name = _GROUPS.get(f"{schema}.{table}", _GROUPS[schema])
                sizes[name] += size
                if rows > 0:
                    daily[name] += size / rows * _rows_a_day(cursor, f"{schema}.{table}")
    return [Part(name, sizes[name], daily[name]) for name in _GROUPS.values() if name in sizes]


def _rows_a_day(cursor: psycopg2.extensions.cursor, table: str) -> float:
    since = _DAYS * _DAY
    if table == "prediction.batch_items":
        cursor.execute(_NEW_ITEMS, (since,))
        return float(cursor.fetchall()[0][0]) / _DAYS
    if table not in ("prediction.predictions", "chat.messages"):
        return 0.0  # few, or small
    cursor.execute(_NEWEST.format(table=table), (since,))
    count, seconds = cursor.fetchall()[0]
    return float(count) / max(float(seconds) / _DAY, 1.0)


def measure_folder(name: str, folder: Path) -> Part:
    """Returns the size of the files of a folder; those that were written lately are what is added."""
    since, size, new = time.time() - _DAYS * _DAY, 0, 0
    for file in os.scandir(folder) if folder.is_dir() else ():
        status = file.stat(follow_symlinks=False)
        size += status.st_size
        new += status.st_size if status.st_mtime >= since else 0
    return Part(name, size, new / _DAYS)


def measure_queue(url: str) -> Part:
    """Returns the memory of Redis or Valkey. Raises `redis.RedisError`."""
    with redis.Redis.from_url(f"{url}/0", socket_timeout=_CONNECT_SECONDS) as client:
        info: Mapping[str, int] = client.info("memory")
    return Part(texts.QUEUE, int(info["used_memory"]))


def describe(parts: Iterable[Part], free_bytes: int, *, is_database_here: bool) -> Outlook:
    """Returns Korean sentences: what takes how much, and when the disk is full."""
    parts = sorted(parts, key=lambda part: -part.size_bytes)
    sentences = [", ".join(map(_describe_part, parts))] if parts else []
    in_database = sum(part.daily_bytes for part in parts if part.name in _GROUPS.values())
    daily = sum(part.daily_bytes for part in parts if part.name != texts.LOGS)  # old logs are deleted
    if not is_database_here:
        daily -= in_database
        sentences.append(texts.GROWTH_ELSEWHERE.format(daily=_size(in_database)))
    days = free_bytes / daily if daily else _FAR_DAYS
    if days >= _FAR_DAYS:
        sentences.append(texts.GROWS_TOO_SLOWLY.format(free=_size(free_bytes)))
    else:
        sentences.append(texts.FULL_IN.format(daily=_size(daily), days=f"{days:,.0f}", free=_size(free_bytes)))
    return Outlook(sentences, days < _SOON_DAYS)


def describe_keeping(settings: WorkerSettings) -> str:
    """Returns for how long things are kept, in Korean."""
    days = {
        "predictions": settings.keep_predictions_days,
        "conversations": settings.keep_conversations_days,
        "datasets": settings.keep_datasets_days,
    }
    return texts.KEEPS.format(
        **{
            name: texts.KEPT_DAYS.format(days=f"{kept:,}") if kept else texts.KEPT_FOR_GOOD
            for name, kept in days.items()
        }
    )


def look(state: Path, database_url: str | None, redis_url: str | None, *, is_database_here: bool) -> Outlook:
    """Measures everything that can be reached, and describes it."""
    parts, missing = [measure_folder(texts.LOGS, state / "logs")], []
    if os.environ.get("DATASET_FILES", "").startswith("s3:"):
        missing.append(texts.FILES_ELSEWHERE)
    else:
        parts.append(measure_folder(texts.FILES, state / "datasets"))
    if database_url is not None:
        try:
            parts += measure_database(database_url)
        except psycopg2.Error:
            missing.append(texts.DATABASE_AWAY)
    if redis_url is not None:
        with suppress(redis.RedisError):  # another check tells it, and it takes little
            parts.append(measure_queue(redis_url))
    existing = next(folder for folder in (state, *state.parents) if folder.exists())
    outlook = describe(parts, shutil.disk_usage(existing).free, is_database_here=is_database_here)
    return Outlook([*outlook.sentences, *missing], outlook.is_soon_full)


def _describe_part(part: Part) -> str:
    text = texts.TAKES_AND_GROWS if part.daily_bytes and part.name != texts.LOGS else texts.TAKES
    return text.format(name=part.name, size=_size(part.size_bytes), daily=_size(part.daily_bytes))


def _size(size_bytes: float) -> str:
    for unit in ("B", "KB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}"
        size_bytes /= 1024
    return f"{size_bytes:.1f} GB" if size_bytes < 100 else f"{size_bytes:.0f} GB"


def _sentences() -> Iterator[str]:
    state = Path(os.environ.get("STATE_DIR", ".state"))
    database_url = DatabaseSettings().database_url.get_secret_value()
    settings = WorkerSettings()
    yield from look(state, database_url, settings.redis_url.get_secret_value(), is_database_here=True).sentences
    yield describe_keeping(settings)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    for sentence in _sentences():
        print(sentence)  # noqa: T201
