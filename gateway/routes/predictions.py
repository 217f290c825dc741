"""Single predictions, their history, and the model."""

from typing import Annotated, Any

from daegu.prediction.v1 import prediction_pb2 as pb
from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from gateway.clients import Clients
from gateway.convert import history_fields, model_fields, prediction_fields, request_to_proto
from gateway.edge import Receive, Scope, Send
from gateway.envelope import answer, success
from gateway.errors import from_prediction_error, from_validation_error
from gateway.schemas.common import errors
from gateway.schemas.prediction import HistoryAnswer, Id, ModelAnswer, PredictionAnswer, PredictionBody

PREDICT_PATH = "/api/predict/eclo"
_BODY = TypeAdapter(PredictionBody)
_JSON = (b"content-type", b"application/json")

router = APIRouter(tags=["예측"])


class PredictEndpoint:
    """The hot route, without the framework: body in, one frame of the stream, body out."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one POST /api/predict/eclo."""
        message = await receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        content = success(await self._predict(body))
        headers = [_JSON, (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _predict(self, body: bytes) -> dict[str, Any]:
        try:
            request = request_to_proto(_BODY.validate_json(body))
        except ValidationError as error:
            raise from_validation_error(error) from None
        if request.explain:  # costs milliseconds, which the others on the stream should not wait for
            many = await self._clients.predictions.PredictMany(pb.PredictManyRequest(requests=[request]))
            outcome = many.outcomes[0]
        else:
            outcome = await self._clients.prediction_stream.predict(request)
        if outcome.HasField("error"):
            raise from_prediction_error(outcome.error)
        return prediction_fields(outcome.prediction)


@router.post(
    PREDICT_PATH,
    summary="사고 한 건의 ECLO 예측",
    response_model=PredictionAnswer,
    responses=errors(400, 408, 413, 415, 422, 503, 504),
)
async def predict(body: PredictionBody, request: Request) -> Response:
    """Predicts one accident. The prediction is stored before it is answered."""
    raise NotImplementedError(f"{body} is served by PredictEndpoint; see {request.app.title}")


@router.get(
    "/api/predictions",
    summary="예측 이력 (최신순)",
    response_model=HistoryAnswer,
    responses=errors(422, 503, 504),
)
async def list_predictions(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many.")] = 20,
    cursor: Annotated[Id | None, Query(description="`next_cursor` of the page before.")] = None,
    dataset_id: Annotated[Id | None, Query(description="Only predictions of this dataset.")] = None,
) -> Response:
    """Lists stored single predictions, newest first."""
    page = await request.state.clients.predictions.ListPredictions(
        pb.ListPredictionsRequest(page_size=limit, page_token=cursor or "", dataset_id=dataset_id or "")
    )
    return answer(
        {
            "predictions": [history_fields(prediction) for prediction in page.predictions],
            "next_cursor": page.next_page_token or None,
        }
    )


@router.get("/api/predict/model", summary="예측 모델 정보", response_model=ModelAnswer, responses=errors(503, 504))
async def get_model(request: Request) -> Response:
    """Describes the loaded model: inputs, allowed values, bands and measured quality."""
    return answer(model_fields(await request.state.clients.predictions.GetModelInfo(pb.GetModelInfoRequest())))
