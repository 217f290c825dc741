"""Fills a migrated, empty database: `python -m scripts.benchmarks.fill URL --small|--large [--statistics KIND]`.

What is stored in both has the same shape: most rows belong to few datasets, clients and batches, a page of any list is
full, and a dataset, a client and a batch have nothing. Only how much there is differs. Ids are UUIDv7 and times end in
the past, so that what is stored later is newer.

`--statistics` says what the planner knows: `fresh` (the default), `stale` (of a database that held almost nothing) or
`none`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import psycopg2

from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.profile import ColumnProfile, Profile
from dataset_service.reading.reading import Reading

Statistics = Literal["fresh", "stale", "none"]
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
"""When the first rows of each table arrived."""
_SECONDS = 300 * 24 * 3600
"""How long the rows of each table took to arrive."""

ACCIDENT = {
    "weather": "맑음", "road_surface": "건조", "road_type": "단일로 - 기타", "accident_type": "차대차",
    "time_period": "일반시간대", "district": "대구광역시 수성구 상동", "day_of_week": "수요일",
    "accident_hour": 12, "accident_year": 2020, "accident_month": 1, "accident_day": 1,
}  # fmt: skip
_COLUMN = ColumnProfile("값", ColumnKind.INTEGER, 1, 0, ("1",))
_PROFILE = Profile((_COLUMN,), 0, 0, (), None, "", (), ()).to_document()
_TOOL_CALL = {
    "call_id": "call", "name": "count_rows", "arguments_json": "{}", "result": "사고는 모두 120건입니다.",
    "table": {"columns": ["시각", "건수"], "rows": [[f"{hour}시", 5] for hour in range(24)], "total_rows": 24},
    "chart": None, "code": "df.groupby('시각').size()", "rows_used": 120, "rows_missing": 0, "question_json": None,
    "duration_ms": 1.5, "error": "",
}  # fmt: skip


def _json(document: Any) -> str:
    return "'" + json.dumps(document, ensure_ascii=False).replace("'", "''") + "'::jsonb"


_ESTIMATE = {
    "model_version": "'fill'",
    "input_features": _json(ACCIDENT),
    "eclo_value": "4 + n % 100 / 100.0",
    "expected_value": "6 + n % 100 / 100.0",
    "range_low": "3",
    "range_high": "9",
    "interpretation": "'보통'",
    "warnings": "'[]'",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a database holds.

    At most half of the `predictions` are the results of the newest batches, `batch_items` each; the others are single.
    A conversation has two messages, the oldest one `longest_conversation`. `unfinished` batches come on top: a stack
    that runs would predict them.
    """

    predictions: int
    batches: int
    batch_items: int
    datasets: int
    conversations: int
    longest_conversation: int
    unfinished: int = 0

    @property
    def batches_with_results(self) -> int:
        """How many of the batches, the newest ones, have results."""
        return min(self.batches, self.predictions // 2 // self.batch_items)

    @property
    def results(self) -> int:
        """How many of the predictions are results of batches."""
        return self.batches_with_results * self.batch_items


SMALL = Size(5_000, 2, 1_000, 10, 200, 100)
LARGE = Size(5_000_000, 2_000, 10_000, 10_000, 200_000, 5_000)
_ALMOST_NOTHING = Size(4, 2, 1, 4, 10, 4, unfinished=1)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a table, numbered from 0 to `count` excluded as `n`: SQL for the value of each column."""

    table: str
    count: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """When the rows of a kind were made, and their ids."""

    kind: int
    count: int

    def at(self, number: str = "n") -> str:
        """Returns SQL for the time of a row."""
        return f"to_timestamp({self._milliseconds(number)} / 1000.0)"

    def id(self, number: str = "n") -> str:
        """Returns SQL for the id of a row."""
        time_part, number_part = f"to_hex({self._milliseconds(number)})", f"to_hex({number})"
        return f"(lpad({time_part}, 12, '0') || '7{self.kind:03x}8000' || lpad({number_part}, 12, '0'))::uuid"

    def _milliseconds(self, number: str) -> str:
        return f"({int(BEGIN.timestamp() * 1000)} + ({number})::bigint * {_SECONDS * 1000 // self.count})"


def _dataset(number: str, size: Size) -> str:
    """Returns SQL for the id of a dataset that a row belongs to.

    Dataset 0 has many rows of each kind, dataset 1 the three oldest, dataset 2 none, and each other one some.
    """
    ids = _Arrival(3, size.datasets)
    return (
        f"CASE WHEN {number} < 3 THEN {ids.id('1')} WHEN {number} % 2 = 0 THEN {ids.id('0')}"
        f" ELSE {ids.id(f'3 + {number} / 2 % {size.datasets - 3}')} END"
    )


def _rows(size: Size) -> Iterator[_Rows]:
    """Yields what belongs to no batch, in an order in which each row finds those that it refers to."""
    datasets, links = _Arrival(3, size.datasets), _Arrival(4, size.datasets)
    conversations, predictions = _Arrival(5, size.conversations), _Arrival(1, size.predictions - size.results)
    yield _Rows(
        "dataset.datasets",
        size.datasets,
        {
            "id": datasets.id(),
            "name": "'사고 ' || n",
            "description": "''",
            "file_name": "'사고.csv'",
            "original_file": f"{datasets.id()} || '.csv'",
            "table_file": f"{datasets.id()} || '.parquet'",
            "table_hash": "encode(sha256(n::text::bytea), 'hex')",
            "rows": "1",
            "columns": "1",
            "size_bytes": "9",
            "encoding": "'utf-8'",
            "delimiter": "','",
            "bytes_hash": "encode(sha256(n::text::bytea), 'hex')",
            "content_hash": "encode(sha256(n::text::bytea), 'hex')",
            "profile": _json(_PROFILE),
            "reading": _json(Reading("utf-8", ",").to_document()),
            "chosen": _json(Reading().to_document()),
            "idempotency_key": "'key ' || n",
            "request_hash": "''",
            "uploaded_at": datasets.at(),
            # Some are temporary, as are the newest ones of a busy day.
            "expires_at": "CASE WHEN n % 7 = 6 THEN clock_timestamp() + interval '1 day' END",
        },
    )
    yield _Rows(
        "dataset.share_links",
        size.datasets,
        {
            "id": links.id(),
            "dataset_id": _dataset("n", size),
            "token_hash": "sha256(n::text::bytea)",
            "created_at": links.at(),
            "expires_at": f"{links.at()} + interval '7 days'",
            "views": "n",
        },
    )
    yield _Rows(
        "chat.conversations",
        size.conversations,
        {
            "id": conversations.id(),
            "dataset_id": _dataset("n", size),
            "dataset_name": "'사고'",
            "client_id": f"CASE WHEN n % 10 = 0 THEN 'client-0' ELSE 'client-' || n % {size.conversations // 10} END",
            "title": "'몇 건인가요? ' || n",
            "version": "2",
            "created_at": conversations.at(),
            "updated_at": conversations.at(),
        },
    )
    yield _Rows("chat.messages", 2 * size.conversations, _message(conversations, "n / 2", "1", "n % 2 = 0"))
    yield _Rows("chat.messages", size.longest_conversation - 2, _message(conversations, "0", "n / 2 + 2", "n % 2 = 0"))

    yield _Rows(
        "prediction.predictions",
        predictions.count,
        {
            "id": predictions.id(),
            "created_at": predictions.at(),
            "dataset_id": f"CASE WHEN n % 3 <> 0 OR n < 3 THEN {_dataset('n', size)} END",
            **_ESTIMATE,
        },
    )


def _rows_of_batches(size: Size) -> Iterator[_Rows]:
    """Yields batches, their items and their results."""
    batches = _Arrival(2, size.batches + size.unfinished)
    of_own = "n % 2 = 1"
    is_unfinished = f"n >= {size.batches}"
    yield _Rows(
        "prediction.batches",
        size.batches + size.unfinished,
        {
            "id": batches.id(),
            "status": f"CASE WHEN {is_unfinished} THEN 'processing' WHEN n % 10 = 2 THEN 'cancelled'"
            " ELSE 'completed' END",
            "total": f"{size.batch_items}",
            "done": f"CASE WHEN {is_unfinished} THEN 0 ELSE {size.batch_items} END",
            "dataset_id": f"CASE WHEN NOT {of_own} THEN {_dataset('n / 2', size)} END",
            "columns": f"CASE WHEN NOT {of_own} THEN '[]'::jsonb END",
            "content_hash": f"CASE WHEN NOT {of_own} THEN '' END",
            "created_at": batches.at(),
            "started_at": batches.at(),
            "finished_at": f"CASE WHEN NOT {is_unfinished} THEN {batches.at()} END",
            "touched_at": batches.at(),
        },
    )
    first = size.batches - size.batches_with_results
    batch, index = f"({first} + n / {size.batch_items})", f"n % {size.batch_items}"
    batched = _Arrival(6, size.results)
    accident = _json(ACCIDENT)
    yield _Rows(
        "prediction.batch_items",
        batched.count,
        {"batch_id": batches.id(batch), "index": index, "accident": accident},
    )
    yield _Rows(
        "prediction.batch_items",
        size.unfinished * size.batch_items,
        {"batch_id": batches.id(f"({size.batches} + n / {size.batch_items})"), "index": index, "accident": accident},
    )
    yield _Rows(
        "prediction.predictions",
        batched.count,
        {
            "id": batched.id(),
            "created_at": batches.at(batch),
            "batch_id": batches.id(batch),
            "batch_index": index,
            **_ESTIMATE,
        },
    )


def _message(conversations: _Arrival, conversation: str, turn: str, is_question: str) -> dict[str, str]:
    ids = _Arrival(7, conversations.count)
    half = f"(({turn}) * 2 + CASE WHEN {is_question} THEN 0 ELSE 1 END)"  # so that ids differ within a conversation
    return {
        "id": f"overlay({ids.id(conversation)}::text placing lpad(to_hex({half}), 4, '0') from 20)::uuid",
        "conversation_id": conversations.id(conversation),
        "turn": turn,
        "role": f"CASE WHEN {is_question} THEN 'user' ELSE 'assistant' END",
        "content": f"CASE WHEN {is_question} THEN '몇 건인가요?' ELSE repeat('사고는 모두 120건입니다. ', 20) END",
        "status": "'complete'",
        "tool_calls": f"CASE WHEN {is_question} THEN '[]' ELSE {_json([_TOOL_CALL])} END",
        "created_at": conversations.at(conversation),
    }


def fill(database_url: str, size: Size, statistics: Statistics = "fresh") -> None:
    """Fills a migrated database that holds nothing yet."""
    parts = [list(_rows(size)), list(_rows_of_batches(size))]
    tables = {rows.table: None for part in parts for rows in part} | {"dataset.leases": None}
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = {statistics == 'fresh'})")
        if statistics == "stale":
            for rows in (*_rows(_ALMOST_NOTHING), *_rows_of_batches(_ALMOST_NOTHING)):
                cursor.execute(_insert(rows))
            cursor.execute("ANALYZE")
            for table in reversed(tables):
                cursor.execute(f"DELETE FROM {table}")
        with ThreadPoolExecutor(len(parts)) as executor:
            list(executor.map(lambda part: _insert_all(database_url, part), parts))
        if statistics == "fresh":
            cursor.execute("VACUUM ANALYZE")


def _insert_all(database_url: str, part: Sequence[_Rows]) -> None:
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SET synchronous_commit = off")
        for rows in part:
            cursor.execute(_insert(rows))


def _insert(rows: _Rows) -> str:
    columns = ", ".join(f'"{column}"' for column in rows.values)
    values = ", ".join(rows.values.values())
    return f"INSERT INTO {rows.table} ({columns}) SELECT {values} FROM generate_series(0, {rows.count - 1}) AS n"


def main() -> None:
    """Reads the arguments and fills."""
    parser = argparse.ArgumentParser(prog="fill", description=__doc__)
    parser.add_argument("url", help="URL of a migrated database that holds nothing")
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--small", action="store_const", dest="size", const=SMALL)
    size.add_argument("--large", action="store_const", dest="size", const=LARGE)
    parser.add_argument("--unfinished", type=int, default=0, help="how many unfinished batches there are as well")
    parser.add_argument("--statistics", choices=("fresh", "stale", "none"), default="fresh")
    arguments = parser.parse_args()
    started = time.monotonic()
    fill(arguments.url, replace(arguments.size, unfinished=arguments.unfinished), arguments.statistics)
    print(f"filled in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
