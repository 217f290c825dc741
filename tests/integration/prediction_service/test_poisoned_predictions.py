"""One accident that the model, or the database, fails on, in a group with others."""

from typing import Any

import pytest

from prediction_service.model import EcloModel
from prediction_service.predictions import PredictionOrder, Predictions, RecordedPrediction
from prediction_service.recorder import Recorder
from prediction_service.settings import PredictionSettings
from prediction_service.store import PredictionStore
from servicekit.database import create_engine
from servicekit.errors import Refused
from tests.integration.prediction_service.poisoned_model import HARMLESS, POISON, PoisonedModel
from tests.real_servers import REPOSITORY


@pytest.mark.parametrize("count", [1, 5, 100])
async def test_accident_the_model_fails_on_harms_no_other(database_url: str, count: int) -> None:
    settings = PredictionSettings.model_validate({"DATABASE_URL": database_url})
    engine = create_engine(settings)
    store = PredictionStore(engine, lambda eclo, _: eclo)
    model: Any = PoisonedModel(EcloModel.load(REPOSITORY / "model"), RuntimeError)
    harmless, poison = PredictionOrder(HARMLESS), PredictionOrder(POISON)
    async with Recorder(settings, model.version) as recorder:
        outcomes = await Predictions(model, recorder, store).predict_many(
            [harmless] * count + [poison] + [harmless] * count
        )
    stored = store.list_single(limit=1000, before_id=None, dataset_id=None)
    engine.dispose()

    assert isinstance(refused := outcomes[count], Refused)
    assert refused.reason == "PREDICTION_FAILED"
    others = outcomes[:count] + outcomes[count + 1 :]
    assert {type(outcome) for outcome in others} == {RecordedPrediction}
    assert len(stored) == 2 * count
