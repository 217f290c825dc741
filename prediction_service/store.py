"""All SQL about stored predictions. That of batches is in batch_store.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from prediction_service.accident import Accident, AccidentWarning
from prediction_service.tables import predictions
from servicekit.database import database_errors

ExpectedOf = Callable[[float, Accident], float]
"""Returns the expected ECLO for a predicted ECLO and its accident, for rows stored without one."""


class PredictionRow(NamedTuple):
    """One prediction to store."""

    id: str
    accident: Accident
    eclo: float
    expected: float
    range_low: float
    range_high: float
    interpretation: str
    warnings: tuple[AccidentWarning, ...] = ()
    dataset_id: str | None = None
    batch_id: str | None = None
    batch_index: int | None = None


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """One stored prediction."""

    row: PredictionRow
    model_version: str
    created_at: datetime


# One JSON document for all rows: the fastest and shortest way here to send many rows in one statement.
# Existing ids and batch items are left unchanged.
INSERT_PREDICTIONS = """
INSERT INTO prediction.predictions
       (id, created_at, model_version, input_features, eclo_value, expected_value, range_low, range_high,
        interpretation, warnings, dataset_id, batch_id, batch_index)
SELECT id, {created_at}, {model_version}, accident, eclo, expected, range_low, range_high,
       interpretation, warnings, dataset_id, batch_id, batch_index
  FROM jsonb_to_recordset({rows}) AS row
       (id uuid, accident jsonb, eclo float8, expected float8, range_low float8, range_high float8, interpretation text,
        warnings jsonb, dataset_id uuid, batch_id uuid, batch_index integer)
ON CONFLICT DO NOTHING
"""
_INSERT = sa.text(
    INSERT_PREDICTIONS.format(created_at=":created_at", model_version=":model_version", rows="CAST(:rows AS jsonb)")
)


def rows_to_json(rows: Sequence[PredictionRow]) -> str:
    """Returns the rows as the JSON document for INSERT_PREDICTIONS."""
    documents = []
    for row in rows:
        document: dict[str, Any] = row._asdict()
        document["accident"] = row.accident._asdict()
        document["warnings"] = row.warnings
        documents.append(document)
    return orjson.dumps(documents).decode()


def insert_predictions(
    connection: sa.Connection, rows: Sequence[PredictionRow], *, model_version: str, created_at: datetime
) -> None:
    """Adds the rows within the caller's transaction."""
    connection.execute(_INSERT, {"created_at": created_at, "model_version": model_version, "rows": rows_to_json(rows)})


class PredictionStore:
    """Reads stored predictions. Blocking: call it off the event loop."""

    def __init__(self, engine: sa.Engine, expected_of: ExpectedOf) -> None:
        self._engine = engine
        self._expected_of = expected_of

    def find_many(self, ids: Sequence[str]) -> dict[str, StoredPrediction]:
        """Returns the existing predictions, by id."""
        query = sa.select(predictions).where(predictions.c.id.in_(ids))
        with database_errors(), self._engine.connect() as connection:
            return {
                row["id"]: stored_prediction(row, self._expected_of) for row in connection.execute(query).mappings()
            }

    def list_single(self, *, limit: int, before_id: str | None, dataset_id: str | None) -> list[StoredPrediction]:
        """Returns single predictions (not those of batches), newest first, starting below `before_id`."""
        query = sa.select(predictions).where(predictions.c.batch_id.is_(None))
        if before_id is not None:
            query = query.where(predictions.c.id < before_id)
        if dataset_id is not None:
            query = query.where(predictions.c.dataset_id == dataset_id)
        with database_errors(), self._engine.connect() as connection:
            found = connection.execute(query.order_by(predictions.c.id.desc()).limit(limit))
            return [stored_prediction(row, self._expected_of) for row in found.mappings()]


def stored_prediction(row: sa.RowMapping, expected_of: ExpectedOf) -> StoredPrediction:
    """Reads one row of the table."""
    accident, eclo, expected = Accident(**row["input_features"]), row["eclo_value"], row["expected_value"]
    return StoredPrediction(
        row=PredictionRow(
            id=row["id"],
            accident=accident,
            eclo=eclo,
            expected=expected_of(eclo, accident) if expected is None else expected,
            range_low=row["range_low"],
            range_high=row["range_high"],
            interpretation=row["interpretation"],
            warnings=tuple(AccidentWarning(**warning) for warning in row["warnings"]),
            dataset_id=row["dataset_id"],
            batch_id=row["batch_id"],
            batch_index=row["batch_index"],
        ),
        model_version=row["model_version"],
        created_at=row["created_at"],
    )
