"""One accident that the model, or the database, fails on, in a group with others."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from prediction_service.accident import Accident
from prediction_service.model import EcloModel
from prediction_service.predictions import PredictionOrder, Predictions, RecordedPrediction
from prediction_service.recorder import Recorder
from prediction_service.settings import PredictionSettings
from prediction_service.store import PredictionStore
from servicekit.database import create_engine
from servicekit.errors import Refused
from tests.integration.prediction_service.poisoned_model import HARMLESS, POISON, PoisonedModel
from tests.real_servers import REPOSITORY


@pytest.fixture
async def predictions(database_url: str) -> AsyncIterator[Predictions]:
    settings = PredictionSettings.model_validate({"DATABASE_URL": database_url})
    engine = create_engine(settings)
    model: Any = PoisonedModel(EcloModel.load(REPOSITORY / "model"), RuntimeError)
    async with Recorder(settings, model.version) as recorder:
        yield Predictions(model, recorder, PredictionStore(engine, lambda eclo, _: eclo))
    engine.dispose()


@pytest.mark.parametrize("count", [1, 5, 100])
async def test_accident_the_model_fails_on_harms_no_other(predictions: Predictions, count: int) -> None:
    outcomes = await predictions.predict_many([order(HARMLESS)] * count + [order(POISON)] + [order(HARMLESS)] * count)

    assert isinstance(refused := outcomes[count], Refused)
    assert refused.reason == "PREDICTION_FAILED"
    others = outcomes[:count] + outcomes[count + 1 :]
    assert {type(outcome) for outcome in others} == {RecordedPrediction}
    stored = await predictions.list_single(limit=1000, before_id=None, dataset_id=None)
    assert len(stored) == 2 * count


def order(accident: Accident) -> PredictionOrder:
    return PredictionOrder(accident)
