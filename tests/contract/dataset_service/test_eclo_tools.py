"""The tools that predict, between the dataset service and a made-up prediction service."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import analysis_pb2_grpc
from daegu.prediction.v1 import accident_pb2, prediction_pb2, prediction_pb2_grpc

from scripts.benchmarks.processes import free_port
from servicekit.channel import open_channel
from servicekit.errors import DatabaseUnavailable
from servicekit.ids import new_id
from servicekit.server import Server
from servicekit.settings import ServerSettings
from tests.contract.dataset_service.running_service import DatasetClient, refusal, running_dataset_service
from tests.patience import PATIENCE_SECONDS

ACCIDENT: dict[str, Any] = {
    "weather": "맑음", "road_surface": "건조", "road_type": "단일로 - 기타", "accident_type": "차대차",
    "district": "상동", "accident_hour": 18, "accident_year": 2020, "accident_month": 6, "accident_day": 12,
}  # fmt: skip


class FakePredictions(prediction_pb2_grpc.PredictionServiceServicer):
    """Predicts 1 + the hour; refuses the weather `화성` and the hour 30."""

    def __init__(self) -> None:
        self.asked: list[prediction_pb2.PredictionRequest] = []
        self.is_broken = False
        self.tries = 0
        self.target = ""

    async def PredictMany(self, request: Any, _context: Any) -> prediction_pb2.PredictManyResponse:
        self.tries += 1
        if self.is_broken:
            raise DatabaseUnavailable("DATABASE_UNAVAILABLE", "away")
        self.asked.extend(request.requests)
        return prediction_pb2.PredictManyResponse(outcomes=[_outcome(one) for one in request.requests])

    Predict = PredictStream = GetModelInfo = GetPrediction = ListPredictions = None  # type: ignore[assignment]


def _outcome(request: prediction_pb2.PredictionRequest) -> prediction_pb2.PredictionOutcome:
    if request.accident.weather == "화성":
        return _refused(accident_pb2.FieldProblem(field="weather", reason="CATEGORY_UNKNOWN", allowed=["맑음", "비"]))
    if request.accident.accident_hour == 30:
        return _refused(
            accident_pb2.FieldProblem(field="accident_hour", reason="NUMBER_OUT_OF_RANGE", allowed=["0", "23"])
        )
    if request.accident.district == "부산":
        return _refused(accident_pb2.FieldProblem(field="district", reason="DISTRICT_OUTSIDE", found="부산광역시"))
    prediction = accident_pb2.Prediction(
        prediction_id=request.prediction_id,
        eclo=1.0 + request.accident.accident_hour,
        expected=2.0 + request.accident.accident_hour,
        interpretation="일반",
        range=accident_pb2.EcloRange(low=1.0, high=9.0, coverage=0.8),
    )
    if request.accident.district == "상동":
        prediction.warnings.add(reason="READ_AS", field="district", given="상동", used="대구광역시 수성구 상동")
    return prediction_pb2.PredictionOutcome(prediction=prediction)


def _refused(problem: accident_pb2.FieldProblem) -> prediction_pb2.PredictionOutcome:
    error = accident_pb2.PredictionError(reason="ACCIDENT_INVALID", message="No.", problems=[problem])
    return prediction_pb2.PredictionOutcome(error=error)


@pytest.fixture
async def predictions() -> AsyncIterator[FakePredictions]:
    fake = FakePredictions()
    server = Server(ServerSettings(port=free_port(), drain_seconds=0.0), {})
    name = "daegu.prediction.v1.PredictionService"
    server.add(prediction_pb2_grpc.add_PredictionServiceServicer_to_server, fake, name)
    async with server.running() as port:
        fake.target = f"127.0.0.1:{port}"
        yield fake


@pytest.fixture
async def client(predictions: FakePredictions, module_database: str, tmp_path: Path) -> AsyncIterator[DatasetClient]:
    async with running_dataset_service(module_database, tmp_path, PREDICTION_TARGET=predictions.target) as client:
        yield client


async def run(client: DatasetClient, name: str, arguments: Any, dataset_id: str = "") -> pb.RunToolResponse:
    request = pb.RunToolRequest(dataset_id=dataset_id or new_id(), name=name, arguments_json=json.dumps(arguments))
    return await client.analysis.RunTool(request)


async def test_accident_is_predicted_for_the_dataset_in_words(
    client: DatasetClient, predictions: FakePredictions
) -> None:
    dataset_id = new_id()
    text = (await run(client, "predict_eclo", ACCIDENT, dataset_id)).text
    assert "예상 ECLO **19** (일반)" in text
    assert "기댓값 20, 10건 중 8건은 1~9" in text
    assert "‘상동’을 ‘대구광역시 수성구 상동’으로 읽음" in text
    assert [request.dataset_id for request in predictions.asked] == [dataset_id]


async def test_each_of_many_accidents_has_its_prediction_or_what_is_wrong_with_it(client: DatasetClient) -> None:
    accidents = [ACCIDENT, {**ACCIDENT, "weather": "화성"}, {**ACCIDENT, "accident_hour": 30}]
    accidents.append({**ACCIDENT, "district": "부산"})
    rows = json.loads((await run(client, "predict_eclo_batch", {"accidents": accidents})).table_json)["rows"]
    assert [row[4] for row in rows] == [19.0, None, None, None]
    assert rows[1][9] == "기상상태 값을 쓸 수 없습니다. 가능한 값: 맑음, 비"
    assert rows[2][9] == "사고시 값을 쓸 수 없습니다. 0에서 23 사이여야 합니다."
    assert rows[3][9] == "시군구 대구광역시 밖의 지역(부산광역시)은 예측하지 못합니다."


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [({}, "TOOL_REFUSED"), (ACCIDENT | {"weather": "sk-ant-api03-canary-in-text"}, "KEY_IN_TEXT")],
)
async def test_arguments_that_cannot_be_used_are_refused(client: DatasetClient, arguments: Any, reason: str) -> None:
    assert (await refusal(run(client, "predict_eclo", arguments))).reason == reason


async def test_prediction_that_fails_is_retried_by_the_dataset_service_alone(
    client: DatasetClient, predictions: FakePredictions
) -> None:
    predictions.is_broken = True
    request = pb.RunToolRequest(dataset_id=new_id(), name="predict_eclo", arguments_json=json.dumps(ACCIDENT))
    analysis = "daegu.dataset.v1.AnalysisService"
    async with open_channel(client.target, cap_seconds=PATIENCE_SECONDS, retryable=[analysis]) as channel:
        error = await refusal(analysis_pb2_grpc.AnalysisServiceStub(channel).RunTool(request))
    assert (error.reason, predictions.tries) == ("DATABASE_UNAVAILABLE", 3)
