from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from daegu.dataset.v1 import dataset_pb2, sharing_pb2
from daegu.prediction.v1 import batch_pb2

from servicekit.messages import to_message

MOMENT = datetime(2024, 5, 15, 14, tzinfo=UTC)


class Column(NamedTuple):
    name: str = "구"
    kind: str = "text"
    unique: int = 2
    missing: int = 0
    samples: Sequence[str] = ("중구", "동구")
    minimum: str = ""
    maximum: str | None = None
    meaning: str = ""
    unit: str = ""
    precision: str = ""
    derived_from: str = ""


class Pair(NamedTuple):
    latitude: str
    longitude: str


class Profile(NamedTuple):
    columns: Sequence[Column] = (Column(), Column("수", "number", minimum="0"))
    duplicate_rows: int = 1
    missing_cells: int = 0
    date_columns: Sequence[str] = ()
    coordinates: Pair | None = Pair("위도", "경도")
    district_column: str = ""
    regions: None = None
    prediction_columns: Sequence[Any] = ()
    warnings: Sequence[Any] = ()


def test_fields_take_the_attributes_of_their_name_in_objects_inside_too() -> None:
    profile = to_message(dataset_pb2.Profile, Profile())
    assert [(column.name, column.kind, list(column.samples)) for column in profile.columns] == [
        ("구", dataset_pb2.COLUMN_KIND_TEXT, ["중구", "동구"]),
        ("수", dataset_pb2.COLUMN_KIND_NUMBER, ["중구", "동구"]),
    ]
    assert (profile.duplicate_rows, profile.coordinates.longitude) == (1, "경도")


def test_none_and_an_empty_text_leave_an_optional_field_unset() -> None:
    profile = to_message(dataset_pb2.Profile, Profile(coordinates=None))
    assert [column.HasField("minimum") for column in profile.columns] == [False, True]
    assert not any(column.HasField("maximum") for column in profile.columns)
    assert not profile.HasField("coordinates")
    assert not profile.HasField("district_column")


def test_given_values_replace_and_add_attributes_as_messages_or_objects() -> None:
    column = dataset_pb2.Column(name="열")
    profile = to_message(dataset_pb2.Profile, Profile(), columns=[column], coordinates=Pair("y", "x"))
    assert list(profile.columns) == [column]
    assert profile.coordinates.latitude == "y"
    values: dict[str, Any] = dict.fromkeys(("batch_id", "dataset_id", "failure", "content_hash"), "")
    values |= dict.fromkeys(("total", "done", "failed"), 0)
    times = {"created_at": MOMENT, "started_at": MOMENT, "finished_at": None, "estimated_completion": None}
    batch = to_message(batch_pb2.Batch, None, status="pending", columns=None, **values, **times)
    assert (batch.status, batch.started_at.ToDatetime(UTC)) == (batch_pb2.BATCH_STATUS_PENDING, MOMENT)
    assert not batch.HasField("finished_at")


def test_field_without_a_value_and_value_without_a_field_are_mistakes() -> None:
    with pytest.raises(AttributeError, match="no attribute"):
        to_message(sharing_pb2.ShareLink, Pair("y", "x"))
    with pytest.raises(KeyError, match="colour"):
        to_message(dataset_pb2.Profile, Profile(), colour="red")
