"""Bodies and answers of predictions."""

from itertools import islice
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema

from gateway.schemas.common import Answer, Detail, Strict

Label = Annotated[str, Field(max_length=200)]


def _number(description: str, least: int, greatest: int) -> Any:
    """Returns a field that documents its range but leaves checking to the service, which reports all faults at once."""
    told: dict[str, Any] = {"minimum": least, "maximum": greatest}
    return Field(description=description, ge=-(2**31), le=2**31 - 1, json_schema_extra=told)


Id = UUID
MOST_ACCIDENTS = 20_000
_MOST_UNKNOWN_TOLD = 5

ACCIDENT_EXAMPLE: dict[str, Any] = {
    "weather": "맑음",
    "road_surface": "건조",
    "road_type": "교차로 - 교차로안",
    "accident_type": "차대차",
    "time_period": "일반시간대",
    "district": "대구광역시 수성구 상동",
    "day_of_week": "수요일",
    "accident_hour": 14,
    "accident_year": 2024,
    "accident_month": 5,
    "accident_day": 15,
}


class AccidentBody(Strict):
    """The eleven inputs. GET /api/predict/model lists the allowed values."""

    weather: Label = Field(description="기상상태")
    road_surface: Label = Field(description="노면상태")
    road_type: Label = Field(description="도로형태")
    accident_type: Label = Field(description="사고유형")
    time_period: Label = Field(description="시간대; the hour decides when they differ, with a warning")
    district: Label = Field(description="시군구, `대구광역시 {구/군} {동/읍/면}`")
    day_of_week: Label = Field(description="요일; the date decides when they differ, with a warning")
    accident_hour: int = _number("Hour, Seoul time", 0, 23)
    accident_year: int = _number("Year", 2007, 2040)
    accident_month: int = _number("Month", 1, 12)
    accident_day: int = _number("Day of the month", 1, 31)


class PredictionBody(AccidentBody):
    """One accident to predict."""

    model_config = ConfigDict(json_schema_extra={"examples": [ACCIDENT_EXAMPLE, ACCIDENT_EXAMPLE | {"explain": True}]})

    dataset_id: Id | None = Field(None, description="Dataset the accident belongs to, a UUID.")
    explain: bool = Field(False, description="Also return the contribution of each input.")


class Range(BaseModel):
    """Range that holds four in five accidents of the same type, time period and county with a similar prediction."""

    low: float = Field(description="Lower end, ECLO, an integer.")
    high: float = Field(description="Upper end, ECLO, an integer.")
    coverage: float = Field(description="Share of such accidents inside, 0.8 at least.")


class WarningItem(BaseModel):
    """A value that was interpreted, and was not used as written."""

    code: str = Field(description="Stable reason, for example WEEKDAY_CONTRADICTS_DATE.")
    field: str = Field(description="Field.")
    given: str = Field(description="Value as given.")
    used: str = Field(description="Value used.")
    message: str = Field(description="The Korean sentence to show.")


class ContributionItem(BaseModel):
    """How much one input moved the prediction."""

    field: str = Field(description="Name of the input.")
    name: str = Field(description="Korean name of the input.")
    value: str = Field(description="Value used.")
    contribution: float = Field(description="Change of log1p(ECLO).")


class PredictionFields(BaseModel):
    """A stored prediction."""

    prediction_id: str = Field(description="Id of the stored prediction, a UUIDv7.")
    eclo: float = Field(
        description="Typical ECLO: deaths x 10 + serious x 5 + slight x 3 + reported x 1. A mean of logarithms, about "
        "a tenth below the mean of such accidents: for sums and averages use `expected`."
    )
    expected: float = Field(description="Expected ECLO, the mean of such accidents, for sums and averages.")
    interpretation: str = Field(description="경미, 일반, 심각 or 매우 심각.")
    range: Range = Field(description="Range of four in five comparable accidents.")
    model_version: str = Field(description="Version of the model used.")
    created_at: str = Field(description="When it was created, ISO 8601, Seoul time.")
    warnings: list[WarningItem] = Field(description="Warnings about the inputs.")


class PredictionAnswer(Answer, PredictionFields):
    """A new prediction."""

    detail: str = Field(description="One Korean sentence about the interpretation.")
    base_score: float | None = Field(description="log1p(ECLO) of the average accident; null unless explained.")
    raw_score: float | None = Field(description="base_score plus all contributions; null unless explained.")
    contributions: list[ContributionItem] | None = Field(description="By input; null unless explained.")


class HistoryItem(PredictionFields):
    """A prediction in the history."""

    accident: AccidentBody = Field(description="The inputs used.")
    dataset_id: str | None = Field(description="Dataset it belongs to, or null.")


class StoredPredictionAnswer(PredictionAnswer):
    """A stored prediction with its inputs, explained when the loaded model made it."""

    accident: AccidentBody = Field(description="The inputs used.")
    dataset_id: str | None = Field(description="Dataset it belongs to, or null.")


class HistoryAnswer(Answer):
    """A page of the history."""

    predictions: list[HistoryItem] = Field(description="Newest first.")
    next_cursor: str | None = Field(description="`cursor` of the next page; null on the last one.")


class MalformedAccident(NamedTuple):
    """An item of a batch that is not shaped like an accident, and why."""

    fault: ValidationError


def _set_apart(item: Any) -> AccidentBody | MalformedAccident:
    if isinstance(item, dict):  # it may have many unknown keys
        unknown = (name for name in item if name not in AccidentBody.model_fields)
        told = {*AccidentBody.model_fields, *islice(unknown, _MOST_UNKNOWN_TOLD)}
        item = {name: value for name, value in item.items() if name in told}
    try:
        return AccidentBody.model_validate(item)
    except ValidationError as fault:
        return MalformedAccident(fault)


# pydantic-core validates all accidents at once; item by item only if that fails.
BatchItemBody = Annotated[
    AccidentBody
    | Annotated[
        MalformedAccident,
        PlainValidator(_set_apart),
        WithJsonSchema({"description": "Anything else is taken as well and becomes an item error."}),
    ],
    Field(union_mode="left_to_right"),
]


class BatchBody(Strict):
    """Accidents to predict in the background."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accidents": [ACCIDENT_EXAMPLE, ACCIDENT_EXAMPLE]}]})

    accidents: list[BatchItemBody] = Field(
        min_length=1,
        max_length=MOST_ACCIDENTS,
        description="1 to 20,000 accidents. An invalid item becomes an item error and does not affect the others.",
    )
    dataset_id: Id | None = Field(None, description="Dataset the accidents come from, a UUID.")


class BatchFields(BaseModel):
    """A batch and its progress."""

    batch_id: str = Field(description="Id of the batch, a UUIDv7.")
    status: str = Field(description="pending, processing, completed, cancelled or failed.")
    total: int = Field(description="Number of items.")
    done: int = Field(description="Items that have a result or an error.")
    failed: int = Field(description="Items among `done` that have an error.")
    progress: float = Field(description="`done` / `total`, 0 to 1.")
    created_at: str = Field(description="When it was stored.")
    started_at: str | None = Field(description="When the first item was predicted.")
    finished_at: str | None = Field(description="When it ended.")
    estimated_completion: str | None = Field(description="Estimated completion; null once it has ended.")
    results_url: str = Field(description="Path of the results.")
    dataset_id: str | None = Field(description="Dataset it belongs to, or null.")


class BatchAnswer(Answer, BatchFields):
    """A batch."""


class BatchListAnswer(Answer):
    """The latest batches."""

    batches: list[BatchFields] = Field(description="Newest first.")


class ItemError(BaseModel):
    """Why an item has no prediction."""

    code: str = Field(description="Stable reason.")
    message: str = Field(description="The Korean sentence to show.")
    details: list[Detail] = Field(description="The invalid fields.")


class BatchItem(BaseModel):
    """The result of one item."""

    index: int = Field(description="Position in the batch, from 0.")
    eclo: float | None = Field(description="Typical ECLO; null with an error.")
    expected: float | None = Field(description="Expected ECLO, for sums and averages; null with an error.")
    interpretation: str | None = Field(description="The word; null with an error.")
    range: Range | None = Field(description="The range; null with an error.")
    prediction_id: str | None = Field(description="Id of the stored prediction; null with an error.")
    warnings: list[WarningItem] = Field(description="Warnings about the inputs.")
    error: ItemError | None = Field(description="Why there is no prediction, or null.")


class BatchResultsAnswer(BatchAnswer):
    """A batch and a page of its results."""

    results: list[BatchItem] = Field(description="By index, from `offset`.")


class FeatureItem(BaseModel):
    """One input, described for a form."""

    name: str = Field(description="Name of the input.")
    korean_name: str = Field(description="Korean name.")
    kind: str = Field(description="category or integer.")
    allowed_values: list[str] = Field(description="Allowed labels; empty for a number.")
    minimum: int | None = Field(description="Minimum; null for a category.")
    maximum: int | None = Field(description="Maximum; null for a category.")
    typical_value: str = Field(description="Most frequent value.")


class BandItem(BaseModel):
    """One severity word and its interval of ECLO."""

    interpretation: str = Field(description="The word.")
    minimum_eclo: float = Field(description="Lower end, inclusive.")
    maximum_eclo: float | None = Field(description="Upper end, exclusive; null if unbounded.")
    share: float = Field(description="Share of real accidents.")


class MetricItem(BaseModel):
    """One measured figure."""

    name: str = Field(description="Name of the figure.")
    value: float = Field(description="Its value.")
    note: str = Field(description="What it was measured on.")


class ModelAnswer(Answer):
    """The loaded model."""

    model_version: str = Field(description="Version of the model.")
    features: list[FeatureItem] = Field(description="The eleven inputs.")
    bands: list[BandItem] = Field(description="The severity words, lowest first.")
    metrics: list[MetricItem] = Field(description="Measured quality on data the model had not seen.")
    trained_on: str = Field(description="Span of the training data.")
    training_rows: int = Field(description="Accidents it was trained on.")
    prediction_quantiles: list[float] = Field(description="Predictions for real accidents at 0 %, 1 %, ..., 100 %.")
