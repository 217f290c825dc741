"""Requests and answers of the REST contract, with only the fields that the page uses."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

MOST_COUNTED = 1000
"""How far the API counts a list: a total of this many means at least this many."""


class Fields(BaseModel):
    """Base of everything that is read from an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Accident(Fields):
    """The eleven inputs. Hours are in Seoul time, 0 to 23."""

    weather: str
    road_surface: str
    road_type: str
    accident_type: str
    time_period: str
    district: str
    day_of_week: str
    accident_hour: int
    accident_year: int
    accident_month: int
    accident_day: int


class Detail(Fields):
    """One invalid field: what is wrong, in Korean, and how to fix it."""

    field: str
    message: str
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None


class EncodingPreview(Fields):
    """How some lines of a file read in one encoding."""

    encoding: str
    preview: tuple[str, ...]


class EncodingChoice(Fields):
    """Encodings that a person may choose for a file, best first; empty where that does not help."""

    encodings: tuple[EncodingPreview, ...] = ()
    lines: tuple[int, ...] = ()


class Range(Fields):
    """ECLO range of most comparable accidents; `coverage` is the share inside, 0 to 1."""

    low: float
    high: float
    coverage: float


class PredictionWarning(Fields):
    """A value that the server interpreted, and did not use as written."""

    field: str
    message: str


class Contribution(Fields):
    """How much one input moved log1p(ECLO)."""

    name: str
    value: str
    contribution: float


class Prediction(Fields):
    """A prediction; scores and contributions (log1p(ECLO)) only where they were asked for."""

    prediction_id: str
    eclo: float
    expected: float
    interpretation: str
    range: Range
    model_version: str
    created_at: datetime
    warnings: tuple[PredictionWarning, ...]
    base_score: float | None = None
    raw_score: float | None = None
    contributions: tuple[Contribution, ...] | None = None


class FullPrediction(Prediction):
    """A stored prediction with its inputs."""

    accident: Accident


class HistoryPage(Fields):
    """Stored predictions, newest first, and where the next page begins."""

    predictions: tuple[FullPrediction, ...]
    next: str | None


class Feature(Fields):
    """One input, described for a form."""

    name: str
    korean_name: str
    kind: Literal["category", "integer"]
    allowed_values: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    typical_value: str


class Band(Fields):
    """One severity word, its ECLO interval (upper end exclusive, None if unbounded), its share of accidents."""

    interpretation: str
    minimum_eclo: float
    maximum_eclo: float | None
    share: float


class Metric(Fields):
    """One measured figure of the model."""

    name: str
    value: float


class Model(Fields):
    """The loaded model. `prediction_quantiles` are its predictions for real accidents at 0 %, 1 %, ..., 100 %."""

    model_version: str
    features: tuple[Feature, ...]
    bands: tuple[Band, ...]
    metrics: tuple[Metric, ...]
    trained_on: str
    training_rows: int
    prediction_quantiles: tuple[float, ...]

    def feature(self, name: str) -> Feature:
        """Returns the input of that name."""
        return next(feature for feature in self.features if feature.name == name)

    def find_metric(self, name: str) -> float | None:
        """Returns the figure of that name, or None."""
        return next((metric.value for metric in self.metrics if metric.name == name), None)


BatchStatus = Literal["pending", "processing", "completed", "cancelled", "failed"]


class Batch(Fields):
    """A batch and its progress; `done` counts results and errors, `failed` the errors among them.

    `failure` is a Korean sentence if it was given up.
    """

    batch_id: str
    dataset_id: str | None = None
    status: BatchStatus
    total: int
    done: int
    failed: int
    progress: float
    created_at: datetime
    finished_at: datetime | None
    estimated_completion: datetime | None
    failure: str | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status not in ("pending", "processing")


class BatchPage(Fields):
    """Batches, newest first, and where the next page begins."""

    batches: tuple[Batch, ...]
    next: str | None


class PartHealth(Fields):
    """State of one component of the back end."""

    status: str
    latency_ms: float | None


class Health(Fields):
    """State of the whole back end."""

    status: Literal["healthy", "degraded", "unhealthy"]
    services: dict[str, PartHealth]
