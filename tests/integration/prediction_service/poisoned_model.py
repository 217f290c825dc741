"""A model that breaks on one kind of accident."""

from collections.abc import Sequence

from prediction_service.accident import Accident
from prediction_service.model import EcloModel, Estimate
from tests.contract.prediction_service.running_service import VALUES

HARMLESS = Accident(**VALUES)
POISON = HARMLESS._replace(weather="안개")


class ProcessDied(BaseException):
    """What the process does at a poisonous item: no code gets to handle it."""


class PoisonedModel:
    """The model of the repository, except that one weather breaks it."""

    def __init__(self, model: EcloModel, breaks_with: type[BaseException]) -> None:
        self.version = model.version
        self.vocabulary = model.vocabulary
        self.calls = 0
        self._model = model
        self._breaks_with = breaks_with

    def predict_many(self, accidents: Sequence[Accident]) -> list[Estimate]:
        self.calls += 1
        if any(accident.weather == POISON.weather for accident in accidents):
            raise self._breaks_with("poison")
        return self._model.predict_many(accidents)
