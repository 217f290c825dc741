"""Bodies of requests for predictions."""

from itertools import islice
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema

from gateway.schemas.common import Strict

Label = Annotated[str, Field(max_length=200)]


def _number(description: str, least: int, greatest: int) -> Any:
    """Returns a field that documents its range but leaves checking to the service, which reports all faults at once."""
    told: dict[str, Any] = {"minimum": least, "maximum": greatest}
    return Field(description=description, ge=-(2**31), le=2**31 - 1, json_schema_extra=told)


Id = UUID
MOST_ACCIDENTS, MOST_ROWS = 20_000, 500_000
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
    """Accidents to predict in the background, or the dataset whose rows are."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["accidents"], "properties": {"accidents": {"not": {"type": "null"}}}},
                {"required": ["dataset_id"], "properties": {"dataset_id": {"not": {"type": "null"}}}},
            ],
            "examples": [
                {"accidents": [ACCIDENT_EXAMPLE, ACCIDENT_EXAMPLE]},
                {"dataset_id": "0190163d-8694-739b-aea5-966c26f8ad91", "columns": {"day_of_week": None}},
            ],
        }
    )

    accidents: list[BatchItemBody] | None = Field(
        None,
        min_length=1,
        max_length=MOST_ACCIDENTS,
        description="1 to 20,000 accidents. An invalid item becomes an item error and does not affect the others.",
    )
    dataset_id: Id | None = Field(
        None,
        description="Dataset the accidents come from, a UUID. Without accidents its rows are predicted, at most "
        "500,000; one that cannot be read becomes an item error.",
    )
    columns: dict[Annotated[str, Field(max_length=50)], Annotated[str, Field(max_length=500)] | None] | None = Field(
        None,
        max_length=50,
        description="For rows of a dataset: the column of an input, where it is not that of `prediction_columns` in "
        "the profile; null for none. Inputs are the fields of an accident, and `occurred_at` for date and hour in one.",
    )
