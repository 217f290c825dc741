from typing import Any, cast

from daegu.prediction.v1 import accident_pb2, prediction_pb2

from dataset_service.eclo.tools import PREDICT_MANY, EcloTools

ACCIDENT = {
    "weather": "맑음", "road_surface": "건조", "road_type": "단일로 - 기타", "accident_type": "차대차",
    "district": "상동", "accident_hour": 18, "accident_year": 2020, "accident_month": 6, "accident_day": 12,
}  # fmt: skip


class Stub:
    """Answers every accident alike."""

    async def PredictMany(self, request: prediction_pb2.PredictManyRequest) -> prediction_pb2.PredictManyResponse:
        prediction = accident_pb2.Prediction(eclo=4.0, expected=4.5, interpretation="일반")
        outcome = prediction_pb2.PredictionOutcome(prediction=prediction)
        return prediction_pb2.PredictManyResponse(outcomes=[outcome] * len(request.requests))


async def test_many_predictions_are_added_averaged_and_compared_by_what_is_expected() -> None:
    arguments: dict[str, Any] = {"accidents": [ACCIDENT] * 40}
    result = await EcloTools(cast(Any, Stub())).run("", PREDICT_MANY, arguments)
    assert result.text.endswith("모두 40건, 예측한 40건의 기댓값 합계 180.00, 평균 4.50, 최대 4.5")
    assert result.chart
    assert result.chart.y == "기댓값"
