from typing import Any

import orjson
import pytest
from daegu.chat.v1 import chat_pb2 as pb
from daegu.prediction.v1 import accident_pb2, batch_pb2

from gateway.convert import accident_to_proto
from gateway.schemas.prediction import ACCIDENT_EXAMPLE, AccidentBody
from gateway.texts import SEVERITY_DETAILS
from gateway.views.chat import message
from gateway.views.prediction import batch_fields, full_prediction, new_prediction

DEEP = '{"column": ' * 300 + "1" + "}" * 300


def test_every_input_goes_to_the_contract_and_comes_back() -> None:
    prediction = accident_pb2.Prediction(accident=accident_to_proto(AccidentBody.model_validate(ACCIDENT_EXAMPLE)))
    assert full_prediction(prediction)["accident"] == ACCIDENT_EXAMPLE


@pytest.mark.parametrize(("batch", "progress"), [({"total": 3, "done": 1}, 1 / 3), ({}, 1.0)])
def test_progress_is_a_share_of_the_items(batch: dict[str, int], progress: float) -> None:
    fields = batch_fields(batch_pb2.Batch(status=batch_pb2.BATCH_STATUS_PENDING, **batch), "")  # type: ignore[arg-type]
    assert fields["progress"] == progress


@pytest.mark.parametrize("word", ["경미", "일반", "심각", "매우 심각"])
def test_every_word_for_severity_has_its_sentence(word: str) -> None:
    assert new_prediction(accident_pb2.Prediction(interpretation=word))["detail"] == SEVERITY_DETAILS[word]


@pytest.mark.parametrize(
    ("arguments_json", "shown"),
    [
        ("", {}),
        ('{"column": ["요일"]}', {"column": ["요일"]}),
        ("[1]", {"?": [1]}),
        ("{", {"?": "{"}),
        (DEEP, {"?": DEEP}),
    ],
)
def test_arguments_are_shown_whatever_the_model_wrote(arguments_json: str, shown: dict[str, Any]) -> None:
    said = pb.Message(
        role=pb.ROLE_ASSISTANT,
        status=pb.MESSAGE_STATUS_COMPLETE,
        tool_calls=[pb.ToolCall(arguments_json=arguments_json)],
    )
    assert orjson.loads(orjson.dumps(message(said)))["tool_calls"][0]["args"] == shown
