from typing import Any

import orjson
import pytest
from daegu.chat.v1 import chat_pb2 as pb

from gateway.chat_convert import message_fields

DEEP = '{"column": ' * 300 + "1" + "}" * 300


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
    fields = message_fields(pb.Message(tool_calls=[pb.ToolCall(arguments_json=arguments_json)]))
    assert orjson.loads(orjson.dumps({"messages": [fields]}))["messages"][0]["tool_calls"][0]["args"] == shown
