"""`./scripts/call` against a running prediction service, which it knows by reflection alone."""

import io
import json
from collections.abc import Iterator

import pytest

from deploy.call import main
from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.contract.gateway.running_gateway import NOBODY
from tests.processes import Service, service
from tests.real_servers import Postgres, ServerProcess

PREDICT = "daegu.prediction.v1.PredictionService/Predict"
REQUEST = json.dumps({"request": {"accident": ACCIDENT_EXAMPLE}}, ensure_ascii=False)
WRONG = REQUEST.replace(str(ACCIDENT_EXAMPLE["weather"]), "구름")


@pytest.fixture(scope="module")
def prediction(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, valkey: ServerProcess
) -> Iterator[Service]:
    url = postgres.new_database()
    with service("prediction", tmp_path_factory.mktemp("call"), DATABASE_URL=url, REDIS_URL=valkey.url) as running:
        yield running
    postgres.drop_database(url)


class Terminal:
    """A person's terminal: what they type and what they read."""

    def __init__(self, address: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._address = address
        self._capsys = capsys

    def type(self, *words: str, code: int = 0) -> str:
        """Returns what is printed: the answer, or for another exit code the complaint."""
        assert main(["--address", self._address, *words]) == code
        out, error = self._capsys.readouterr()
        return error if code else out


@pytest.fixture
def terminal(prediction: Service, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(prediction.target, capsys)


def test_without_a_name_everything_is_listed(terminal: Terminal) -> None:
    listed = terminal.type()
    assert "daegu.prediction.v1.PredictionService\n" in listed
    assert "  rpc PredictStream(stream PredictStreamRequest) returns (stream PredictStreamResponse)" in listed
    assert "grpc.health.v1.Health" in listed


@pytest.mark.parametrize("name", ["Predict", "PredictionService/Predict", "PredictionService.Predict", PREDICT])
def test_method_is_described_by_any_end_of_its_name(terminal: Terminal, name: str) -> None:
    described = terminal.type(name)
    assert "rpc Predict(PredictRequest) returns (PredictResponse)" in described
    assert "daegu.prediction.v1.PredictionRequest request = 1;" in described


def test_line_that_describes_a_method_can_be_used_as_it_is(terminal: Terminal) -> None:
    words = terminal.type("GetModelInfo").splitlines()[-1]
    assert words == "./scripts/call PredictionService/GetModelInfo '{}'"
    assert json.loads(terminal.type("PredictionService/GetModelInfo", "{}"))["model_version"]


def test_message_and_service_are_described_by_their_short_names(terminal: Terminal) -> None:
    described = terminal.type("Accident")
    assert "string weather = 1;" in described
    assert json.loads(described[described.index("}") + 1 :])["accident_hour"] == 0
    described = terminal.type("BatchPredictionService")
    assert described.startswith("daegu.prediction.v1.BatchPredictionService\n")
    assert "rpc Predict(" not in described


def test_call_answers_in_json(terminal: Terminal) -> None:
    prediction = json.loads(terminal.type("Predict", REQUEST))["prediction"]
    assert prediction["eclo"] >= 1
    assert prediction["interpretation"] == "일반"
    assert prediction["warnings"] == []


def test_stream_takes_several_documents_from_the_keyboard(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [{"frame_id": number, "requests": [json.loads(REQUEST)["request"]]} for number in (7, 8)]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(map(json.dumps, frames))))
    answers = terminal.type("PredictStream", "-").split("\n}\n")
    assert [json.loads(answer + "}")["frame_id"] for answer in answers if answer] == ["7", "8"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Predict", WRONG), ["INVALID_ARGUMENT ACCIDENT_INVALID:", "weather: CATEGORY_UNKNOWN"]),
        (("Predict", '{"no_such_field": 1}'), ["no_such_field", '"accident_hour": 0']),
        (("Predikt", "{}"), ["‘Predikt’를 찾지 못했습니다"]),
    ],
)
def test_what_is_wrong_is_said_with_what_would_fit(terminal: Terminal, words: tuple[str, str], said: list[str]) -> None:
    complaint = terminal.type(*words, code=1)
    assert [part for part in said if part not in complaint] == []


def test_nobody_at_the_address_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--address", NOBODY]) == 1
    assert "./scripts/up" in capsys.readouterr().err
