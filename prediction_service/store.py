"""All SQL about stored predictions. That of batches is in batch_store.py."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from prediction_service.accident import Accident, Reading
from prediction_service.model import Estimate
from prediction_service.tables import predictions
from servicekit.database import database_errors

ExpectedOf = Callable[[float, Accident], float]
"""Returns the expected ECLO for a predicted ECLO and its accident, for rows stored without one."""


class PredictionRow(NamedTuple):
    """One prediction to store."""

    id: str
    reading: Reading
    estimate: Estimate
    dataset_id: str | None = None
    batch_id: str | None = None
    batch_index: int | None = None


class StoredPrediction(NamedTuple):
    """One stored prediction without its inputs; warnings as JSON."""

    id: str
    estimate: Estimate
    warnings: Sequence[Mapping[str, str]]
    dataset_id: str | None
    model_version: str
    created_at: datetime


_INSERTED = [
    str(predictions.c[key].name)
    for key in ("id", "accident", "warnings", *Estimate._fields, "dataset_id", "batch_id", "batch_index")
]
# One JSON document for all rows: the fastest and shortest way here to send many rows in one statement.
# Existing ids and batch items are left unchanged.
INSERT_PREDICTIONS = f"""
INSERT INTO prediction.predictions (created_at, model_version, {", ".join(_INSERTED)})
SELECT {{created_at}}, {{model_version}}, {", ".join(_INSERTED)}
  FROM jsonb_populate_recordset(CAST(NULL AS prediction.predictions), {{rows}})
ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of our own columns
_INSERT = sa.text(
    INSERT_PREDICTIONS.format(created_at=":created_at", model_version=":model_version", rows="CAST(:rows AS jsonb)")
)
# PostgreSQL casts ids to text: psycopg2 would create a UUID and SQLAlchemy convert it to text.
PREDICTION_COLUMNS = [
    sa.cast(predictions.c.id, sa.Text),
    *(predictions.c[key] for key in Estimate._fields),
    predictions.c.warnings,
    sa.cast(predictions.c.dataset_id, sa.Text),
    predictions.c.model_version,
    predictions.c.created_at,
]
"""The first columns of what `read_prediction` takes."""
_PREDICTIONS = sa.select(*PREDICTION_COLUMNS, predictions.c.accident)
_NEWEST = str(UUID(int=2**128 - 1))
"""Below it is every id."""
_ESTIMATE_END = 1 + len(Estimate._fields)


def rows_to_json(rows: Sequence[PredictionRow]) -> str:
    """Returns the rows as the JSON document for INSERT_PREDICTIONS."""
    documents = []
    for row in rows:
        accident, warnings = row.reading
        values = (row.id, accident._asdict(), warnings) + row.estimate + row[3:]  # noqa: RUF005 - faster
        documents.append(dict(zip(_INSERTED, values, strict=True)))
    return orjson.dumps(documents).decode()


def insert_predictions(
    connection: sa.Connection, rows: Sequence[PredictionRow], *, model_version: str, created_at: datetime
) -> None:
    """Adds the rows within the caller's transaction."""
    connection.execute(_INSERT, {"created_at": created_at, "model_version": model_version, "rows": rows_to_json(rows)})


def read_prediction(row: Sequence[Any], expected_of: ExpectedOf) -> StoredPrediction:
    """Reads PREDICTION_COLUMNS and, where there is no expected value, the inputs after them."""
    estimate = Estimate(*row[1:_ESTIMATE_END])
    if estimate.expected is None:
        estimate = estimate._replace(expected=expected_of(estimate.eclo, Accident(**row[len(PREDICTION_COLUMNS)])))
    return StoredPrediction(row[0], estimate, *row[_ESTIMATE_END : len(PREDICTION_COLUMNS)])


class PredictionStore:
    """Reads stored predictions, each with its inputs. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine, expected_of: ExpectedOf) -> None:
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._expected_of = expected_of

    def find_many(self, ids: Sequence[str]) -> dict[str, tuple[StoredPrediction, Accident]]:
        """Returns the existing predictions, by id."""
        query = _PREDICTIONS.where(predictions.c.id.in_(ids))
        return {stored.id: (stored, accident) for stored, accident in self._read(query)}

    def list_single(
        self, *, limit: int, before_id: str | None, dataset_id: str | None
    ) -> list[tuple[StoredPrediction, Accident]]:
        """Returns single predictions (not those of batches), newest first, starting below `before_id`.

        Only the index of the list has the order: any other index by id might read all predictions. So the order begins
        with a column that is the same in all of them, but does not equal a constant, which PostgreSQL would leave out.
        """
        before_id = before_id or _NEWEST
        query = _PREDICTIONS.where(predictions.c.batch_id.is_(None)).limit(limit)
        if dataset_id is None:
            same = predictions.c.batch_id
            query = query.where(predictions.c.id < before_id)
        else:
            same = predictions.c.dataset_id
            place = sa.tuple_(dataset_id, before_id, types=[same.type, predictions.c.id.type])
            query = query.where(same >= dataset_id, sa.tuple_(same, predictions.c.id) < place)
        return self._read(query.order_by(same.desc(), predictions.c.id.desc()))

    def _read(self, query: sa.Select[Any]) -> list[tuple[StoredPrediction, Accident]]:
        with database_errors(), self._reading.connect() as connection:
            return [(read_prediction(row, self._expected_of), Accident(**row[-1])) for row in connection.execute(query)]
