from daegu.prediction.v1 import accident_pb2, batch_pb2

from gateway.convert import accident_fields, accident_to_proto, batch_fields, prediction_fields
from gateway.schemas.prediction import ACCIDENT_EXAMPLE, AccidentBody
from gateway.texts import SEVERITY_DETAILS


def test_accident_comes_back_as_it_went() -> None:
    assert accident_fields(accident_to_proto(AccidentBody.model_validate(ACCIDENT_EXAMPLE))) == ACCIDENT_EXAMPLE


def test_every_input_of_the_contract_is_written() -> None:
    assert [field.name for field in accident_pb2.Accident.DESCRIPTOR.fields] == list(AccidentBody.model_fields)


def test_every_state_of_a_batch_has_its_documented_name() -> None:
    names = {batch_fields(batch_pb2.Batch(status=status), "")["status"] for status in batch_pb2.BatchStatus.values()}
    assert names - {"unspecified"} == {"pending", "processing", "completed", "cancelled", "failed"}


def test_progress_is_a_share_of_the_items() -> None:
    assert batch_fields(batch_pb2.Batch(total=3, done=1), "")["progress"] == 1 / 3


def test_every_word_for_severity_has_its_sentence() -> None:
    for word in ("경미", "일반", "심각", "매우 심각"):
        detail = prediction_fields(accident_pb2.Prediction(interpretation=word))["detail"]
        assert detail == SEVERITY_DETAILS[word]
        assert detail.endswith("니다.")
