"""The ECLO model: loaded and checked once, then used for groups of accidents."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm
import numpy as np
import numpy.typing as npt

from prediction_service.accident import FIELDS, NUMBER_RANGES, TIME_PERIODS, WEEKDAYS, Accident, FieldKind, Vocabulary
from prediction_service.features import Calendar, Column, Encoder
from prediction_service.ranges import EcloRanges
from prediction_service.severity import Band, SeverityScale

MODEL_FILE, DESCRIPTION_FILE = "eclo_model.txt", "model.json"


class ModelFileInvalid(Exception):
    """A model file is missing, damaged, or does not match its description. Raised at start."""


class Estimate(NamedTuple):
    """One predicted ECLO, its expected value, the range of four in five comparable accidents, and its severity word.

    `eclo` is a typical value (expm1 of a mean of log1p); `expected` is the mean, for sums and averages.
    """

    eclo: float
    expected: float
    low: float
    high: float
    interpretation: str


class Contribution(NamedTuple):
    """How much one input moved the raw score."""

    field: str
    value: str
    contribution: float


class Explanation(NamedTuple):
    """`math.fsum([base_score, *contributions])` is `raw_score`, and `expm1(raw_score)` is the predicted ECLO."""

    base_score: float
    contributions: tuple[Contribution, ...]
    raw_score: float


@dataclass(frozen=True, slots=True)
class FeatureInfo:
    """One input, described for a form. `minimum` and `maximum` are None for a category."""

    name: str
    korean_name: str
    kind: FieldKind
    allowed_values: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    typical_value: str


class Metric(NamedTuple):
    """One measured quality figure, and what it was measured on."""

    name: str
    value: float
    note: str


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Description of the loaded model."""

    version: str
    features: tuple[FeatureInfo, ...]
    bands: tuple[Band, ...]
    metrics: tuple[Metric, ...]
    trained_on: str
    training_rows: int
    prediction_quantiles: tuple[float, ...]


class EcloModel:
    """Predicts log1p(ECLO) with LightGBM and answers ECLO. Thread-safe once loaded."""

    def __init__(self, booster: lightgbm.Booster, description: Mapping[str, Any]) -> None:
        self._booster = booster
        # `Booster.predict` makes one for each call, which takes as long as the trees do for two rows.
        self._predictor = lightgbm.basic._InnerPredictor.from_booster(booster, pred_parameter={"num_threads": 1})
        self.version = str(description["version"])
        self.vocabulary = Vocabulary(description["allowed"])
        holidays = [date.fromisoformat(day) for day in description["holidays"]]
        self._encoder = Encoder([Column(**column) for column in description["columns"]], Calendar(holidays))
        self._scale = SeverityScale(description["cut_points"])
        self._ranges = EcloRanges(description["ranges"])
        self._expected_factors = description["expected_factors"]
        self.info = _model_info(description, self._scale)

    @classmethod
    def load(cls, directory: Path) -> "EcloModel":
        """Reads and checks the two files. Raises `ModelFileInvalid`, which names the file and how to fix it."""
        remedy = "Restore it from the repository or run `python -m model.train`."
        described, fitted = directory / DESCRIPTION_FILE, directory / MODEL_FILE
        try:
            description = json.loads(described.read_text("utf-8"))
            text = fitted.read_text("utf-8")
            if hashlib.sha256(text.encode()).hexdigest() != description["sha256"]:
                raise ModelFileInvalid(f"{fitted} is not the file that {described} describes (sha256). {remedy}")
            model = cls(lightgbm.Booster(model_str=text), description)
        except OSError as error:
            raise ModelFileInvalid(f"{error.filename} cannot be read: {error.strerror}. {remedy}") from error
        except (ValueError, TypeError, LookupError, lightgbm.basic.LightGBMError) as error:
            raise ModelFileInvalid(f"{described} is damaged: {error!r}. {remedy}") from error
        if model._booster.feature_name() != [column.name for column in model._encoder.columns]:
            raise ModelFileInvalid(f"{fitted} has other columns than {described}. {remedy}")
        return model

    def predict_many(self, accidents: Sequence[Accident]) -> list[Estimate]:
        """Returns one estimate per accident. The accidents must be validated by `vocabulary`."""
        if not accidents:
            return []
        scores = self._scores(self._encoder.encode(accidents)).tolist()
        return [self._estimate(score, accident) for score, accident in zip(scores, accidents, strict=True)]

    def expected(self, eclo: float, accident: Accident) -> float:
        """Returns the expected ECLO for an accident and its predicted ECLO."""
        # Severity drifts down, and the model treats later years as the last trained one: they have their own factor.
        is_later = accident.accident_year > self._expected_factors["last_trained_year"]
        return eclo * float(self._expected_factors["later" if is_later else "trained"][accident.accident_type])

    def explain(self, accident: Accident) -> Explanation:
        """Returns the contribution of each input to an accident's prediction. Takes some milliseconds."""
        row = self._encoder.encode([accident])
        raw_score = float(self._scores(row)[0])
        shares = np.asarray(self._booster.predict(row, pred_contrib=True, num_threads=1))[0]
        by_field: dict[str, list[float]] = {}
        for column, share in zip(self._encoder.columns, shares[:-1], strict=True):
            by_field.setdefault(column.source, []).append(float(share))
        base_score, parts = _made_exact(raw_score, [math.fsum(by_field.get(field.name, ())) for field in FIELDS])
        contributions = tuple(
            Contribution(field.name, str(getattr(accident, field.name)), part)
            for field, part in zip(FIELDS, parts, strict=True)
        )
        return Explanation(base_score, contributions, raw_score)

    def _estimate(self, score: float, accident: Accident) -> Estimate:
        eclo = math.expm1(score)
        low, high = self._ranges.around(eclo, accident)
        return Estimate(eclo, self.expected(eclo, accident), low, high, self._scale.word(eclo))

    def _scores(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(self._predictor.predict(rows, start_iteration=0, num_iteration=-1), dtype=np.float64)


def _made_exact(total: float, parts: Sequence[float]) -> tuple[float, Sequence[float]]:
    """Returns a base and the parts, adjusted by rounding errors so that their exact sum rounds to the total."""
    base = math.fsum([total, *(-part for part in parts)])
    # A base above the total has a coarser precision than the total: a finer part takes the rest.
    finest = min(range(len(parts)), key=lambda index: abs(parts[index]) or math.inf)
    nothing = min(range(len(parts)), key=lambda index: abs(parts[index]))
    rest = math.fsum([total, -base, *(-part for part in parts)])
    exact: Sequence[float] = parts
    for taker in (finest, nothing):  # a zero contribution only if all others are too coarse
        exact = [part + rest if index == taker else part for index, part in enumerate(parts)]
        if math.fsum([base, *exact]) == total:
            break
    return base, exact


def _model_info(description: Mapping[str, Any], scale: SeverityScale) -> ModelInfo:
    allowed = {**description["allowed"], "time_period": TIME_PERIODS, "day_of_week": WEEKDAYS}
    features = []
    for field in FIELDS:
        minimum, maximum = NUMBER_RANGES.get(field.name, (None, None))
        labels = tuple(allowed.get(field.name, ()))
        typical = str(description["typical"][field.name])
        features.append(FeatureInfo(field.name, field.korean_name, field.kind, labels, minimum, maximum, typical))
    return ModelInfo(
        version=description["version"],
        features=tuple(features),
        bands=scale.bands(),
        metrics=tuple(Metric(**metric) for metric in description["metrics"]),
        trained_on=description["trained_on"],
        training_rows=description["training_rows"],
        prediction_quantiles=tuple(description["prediction_quantiles"]),
    )
