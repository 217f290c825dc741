from daegu.chat.v1 import chat_pb2
from daegu.dataset.v1 import dataset_pb2
from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.views.view import View


def count_of(dataset: dataset_pb2.Dataset) -> int:
    """Cells of the dataset."""
    return dataset.rows * dataset.columns


def test_enum_is_its_word_and_moment_is_seoul_time() -> None:
    batch = batch_pb2.Batch(status=batch_pb2.BATCH_STATUS_PENDING, created_at=Timestamp(seconds=1, nanos=500_000_000))
    fields = View(batch_pb2.Batch)(batch)
    assert (fields["status"], fields["created_at"]) == ("pending", "1970-01-01T09:00:01.500000+09:00")


def test_unset_optional_field_is_null_and_set_one_is_its_value_even_if_empty() -> None:
    feature = View(prediction_pb2.Feature)
    category, number = (
        prediction_pb2.Feature(kind=prediction_pb2.FEATURE_KIND_CATEGORY),
        prediction_pb2.Feature(kind=prediction_pb2.FEATURE_KIND_INTEGER, minimum=0),
    )
    assert (feature(category)["minimum"], feature(number)["minimum"]) == (None, 0)


def test_messages_inside_are_written_by_their_view_in_lists_too() -> None:
    profile = View(dataset_pb2.Profile, inner=[View(dataset_pb2.Column, renamed={"kind": "type"})])
    column = dataset_pb2.Column(name="구", kind=dataset_pb2.COLUMN_KIND_TEXT)
    message = dataset_pb2.Profile(columns=[column], date_columns=["날짜"])
    fields = profile(message)
    assert (fields["columns"][0]["name"], fields["columns"][0]["type"]) == ("구", "text")
    assert (fields["date_columns"], fields["coordinates"]) == (["날짜"], None)


def test_flat_message_is_written_beside_the_others_and_as_nulls_when_unset() -> None:
    view = View(accident_pb2.Prediction, flat=["explanation"], omitted=["accident"])
    plain = accident_pb2.Prediction(eclo=2.0)
    explanation = accident_pb2.Explanation(base_score=1.0, raw_score=1.5)
    explained = accident_pb2.Prediction(eclo=2.0, explanation=explanation)
    assert view(plain) | {"base_score": 1.0, "raw_score": 1.5, "contributions": []} == view(explained)
    assert (view(plain)["base_score"], view(plain)["contributions"]) == (None, None)
    assert view.model.model_json_schema()["properties"]["base_score"]["anyOf"] == [{"type": "number"}, {"type": "null"}]


def test_schema_has_the_comments_of_the_contract_and_the_docstrings_of_what_is_computed() -> None:
    view = View(dataset_pb2.Dataset, omitted=["columns"], renamed={"name": "title"}, computed={"cells": count_of})
    assert view(dataset_pb2.Dataset(name="사고", rows=3, columns=4))["cells"] == 12
    schema = view.model.model_json_schema()
    assert schema["description"] == "A dataset without its rows."
    assert schema["properties"]["title"]["description"] == "Name, by default that of the file."
    assert schema["properties"]["cells"] == {
        "description": "Cells of the dataset.",
        "title": "Cells",
        "type": "integer",
    }
    assert "columns" not in schema["properties"]


def test_schema_lists_the_words_of_an_enum() -> None:
    schema = View(chat_pb2.VerifyKeyResponse).model.model_json_schema()
    assert schema["properties"]["state"]["enum"] == ["valid", "invalid", "unreachable"]
