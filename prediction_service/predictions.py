"""Predicts accidents and stores the predictions: the common core of Predict, PredictMany and PredictStream."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

import structlog

from prediction_service.accident import Accident, InvalidAccident, Reading
from prediction_service.model import EcloModel, Explanation
from prediction_service.recorder import Recorder
from prediction_service.store import PredictionRow, PredictionStore, StoredPrediction
from servicekit.errors import Refused, field_refused
from servicekit.ids import new_id, parse_id

# A group this small is predicted on the event loop: a thread would take longer.
_INLINE_ROWS = 64
_CANONICAL_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

log = structlog.get_logger()


class PredictionOrder(NamedTuple):
    """One accident to predict. An empty `prediction_id` is generated; an empty `dataset_id` means no dataset.

    Log lines about it have its `request_id`.
    """

    accident: Accident
    explain: bool = False
    dataset_id: str = ""
    prediction_id: str = ""
    request_id: str = ""


class RecordedPrediction(NamedTuple):
    """A stored prediction with its inputs, and with its explanation if requested."""

    stored: StoredPrediction
    accident: Accident
    explanation: Explanation | None = None


class _Ready(NamedTuple):
    reading: Reading
    explain: bool
    dataset_id: str | None
    prediction_id: str
    request_id: str


Outcome = RecordedPrediction | InvalidAccident | Refused


class Predictions:
    """Predicts groups of accidents with one model call and one write, and reads stored predictions."""

    def __init__(self, model: EcloModel, recorder: Recorder, store: PredictionStore) -> None:
        self._model = model
        self._recorder = recorder
        self._store = store

    async def predict_many(self, orders: Sequence[PredictionOrder]) -> list[Outcome]:
        """Returns one outcome per order, in order. An unusable accident does not affect the others."""
        is_small = len(orders) <= _INLINE_ROWS
        outcomes = self._read_all(orders) if is_small else await asyncio.to_thread(self._read_all, orders)
        ready = [outcome for outcome in outcomes if isinstance(outcome, _Ready)]
        if not ready:
            return [outcome for outcome in outcomes if not isinstance(outcome, _Ready)]
        recorded = iter(await self._predict_and_record_each(ready))
        return [next(recorded) if isinstance(outcome, _Ready) else outcome for outcome in outcomes]

    async def get(self, prediction_id: str) -> RecordedPrediction:
        """Returns a stored prediction, explained when the loaded model made it. Raises `PREDICTION_NOT_FOUND`."""
        predictions = await asyncio.to_thread(self._store.find_many, [prediction_id])
        if prediction_id not in predictions:
            message = f"There is no prediction {prediction_id}."
            raise Refused("PREDICTION_NOT_FOUND", message, prediction_id=prediction_id)
        stored, accident = predictions[prediction_id]
        if stored.model_version != self._model.version:
            return RecordedPrediction(stored, accident)
        return RecordedPrediction(stored, accident, await asyncio.to_thread(self._model.explain, accident))

    def _read_all(self, orders: Sequence[PredictionOrder]) -> list[Outcome | _Ready]:
        return [self._read(order) for order in orders]

    def _read(self, order: PredictionOrder) -> _Ready | InvalidAccident | Refused:
        try:
            return _Ready(
                self._model.vocabulary.read(order.accident),
                order.explain,
                # In canonical form: PostgreSQL rejects some forms that Python parses.
                str(parse_id(order.dataset_id, "dataset_id")) if order.dataset_id else None,
                _prediction_id(order.prediction_id) if order.prediction_id else new_id(),
                order.request_id,
            )
        except (InvalidAccident, Refused) as refusal:
            return refusal

    async def _predict_and_record_each(self, ready: Sequence[_Ready]) -> Sequence[RecordedPrediction | Refused]:
        try:
            return await self._predict_and_record(ready)
        except Exception:
            log.exception("predictions_failed", count=len(ready), request_ids=[item.request_id for item in ready])
            if len(ready) == 1:
                return [Refused("PREDICTION_FAILED", "The model or the database failed on this accident.")]
        # One of them failed: predict the others without it.
        return [outcome for item in ready for outcome in await self._predict_and_record_each([item])]

    async def _predict_and_record(self, ready: Sequence[_Ready]) -> Sequence[RecordedPrediction | Refused]:
        accidents = [item.reading.accident for item in ready]
        if len(accidents) <= _INLINE_ROWS:
            estimates = self._model.predict_many(accidents)
        else:
            estimates = await asyncio.to_thread(self._model.predict_many, accidents)
        rows = [
            PredictionRow(item.prediction_id, item.reading, estimate, item.dataset_id)
            for item, estimate in zip(ready, estimates, strict=True)
        ]
        explanations = [await self._explain(item) for item in ready]
        try:
            recorded = await self._recorder.record(rows)
            if recorded.has_repeats:
                return await self._answer_as_stored(rows, explanations)
        except Refused as refusal:
            return [refusal] * len(rows)
        return [
            RecordedPrediction(self._stored(row, recorded.created_at), row.reading.accident, explanation)
            for row, explanation in zip(rows, explanations, strict=True)
        ]

    def _stored(self, row: PredictionRow, created_at: datetime) -> StoredPrediction:
        warnings = [asdict(warning) for warning in row.reading.warnings]
        return StoredPrediction(row.id, row.estimate, warnings, row.dataset_id, self._model.version, created_at)

    async def _answer_as_stored(
        self, rows: Sequence[PredictionRow], explanations: Sequence[Explanation | None]
    ) -> Sequence[RecordedPrediction | Refused]:
        """Answers a group with the stored rows, because a repeated id may have been used for another accident."""
        predictions = await asyncio.to_thread(self._store.find_many, [row.id for row in rows])
        outcomes: list[RecordedPrediction | Refused] = []
        for row, explanation in zip(rows, explanations, strict=True):
            stored, accident = predictions[row.id]
            if accident != row.reading.accident:
                message = f"Another accident was predicted under {row.id}."
                outcomes.append(Refused("PREDICTION_ID_TAKEN", message, prediction_id=row.id))
            else:
                is_same = stored.estimate.eclo == row.estimate.eclo
                outcomes.append(RecordedPrediction(stored, accident, explanation if is_same else None))
        return outcomes

    async def _explain(self, item: _Ready) -> Explanation | None:
        return await asyncio.to_thread(self._model.explain, item.reading.accident) if item.explain else None


def _prediction_id(text: str) -> str:
    if _CANONICAL_ID.fullmatch(text):  # the gateway's ids; parsing would take a tenth of the whole prediction
        return text
    prediction_id = parse_id(text, "prediction_id")
    if prediction_id.version != 7:  # the history is sorted by id
        raise field_refused("prediction_id", "ID_INVALID", "not a UUIDv7")
    return str(prediction_id)
