"""Single predictions, their history, and the model."""

from typing import Annotated

from daegu.prediction.v1 import prediction_pb2 as pb
from fastapi import APIRouter, Path, Query, Request, Response

from gateway.clients import clients_of
from gateway.connection import client_of
from gateway.convert import request_to_proto
from gateway.envelope import answer
from gateway.errors import from_prediction_error
from gateway.json_route import JsonRoute
from gateway.schemas.common import errors
from gateway.schemas.prediction import Id, PredictionBody
from gateway.views.prediction import full_prediction, history, model, new_prediction
from servicekit.ids import new_id

router = APIRouter(tags=["예측"], route_class=JsonRoute)


@router.post(
    "/api/predict/eclo",
    summary="사고 한 건의 ECLO 예측",
    response_model=new_prediction.answer,
    responses=errors(403, 404, 408, 415, 422, 504),
)
async def predict(body: PredictionBody, request: Request) -> Response:
    """Predicts one accident. The prediction is stored before the answer is sent."""
    clients = clients_of(request)
    await clients.check_dataset(body.dataset_id)
    order = request_to_proto(body)
    if order.explain:  # takes milliseconds, which would delay the others on the stream
        order.prediction_id = new_id()
        many = await clients.predictions.PredictMany(pb.PredictManyRequest(requests=[order]))
        outcome = many.outcomes[0]
    else:
        outcome = await clients.prediction_queue.predict(order, client_of(request.scope))
    if outcome.HasField("error"):
        raise from_prediction_error(outcome.error)
    return answer(new_prediction(outcome.prediction))


@router.get(
    "/api/predictions",
    summary="예측 이력 (최신순)",
    response_model=history.answer,
    responses=errors(422, 504),
)
async def list_predictions(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many.")] = 20,
    after: Annotated[Id | None, Query(description="`next` of the page before.")] = None,
    cursor: Annotated[Id | None, Query(description="The former name of `after`.", deprecated=True)] = None,
    dataset_id: Annotated[Id | None, Query(description="Only predictions of this dataset.")] = None,
) -> Response:
    """Lists stored single predictions, newest first."""
    page = await clients_of(request).predictions.ListPredictions(
        pb.ListPredictionsRequest(
            page_size=limit, page_token=str(after or cursor or ""), dataset_id=str(dataset_id or "")
        )
    )
    return answer(history(page))


@router.get(
    "/api/predictions/{prediction_id}",
    summary="예측 한 건",
    response_model=full_prediction.answer,
    responses=errors(404, 422, 504),
)
async def get_prediction(
    prediction_id: Annotated[Id, Path(description="Id of the prediction.")], request: Request
) -> Response:
    """Returns a stored prediction with its inputs, explained when the loaded model made it."""
    found = await clients_of(request).predictions.GetPrediction(
        pb.GetPredictionRequest(prediction_id=str(prediction_id))
    )
    return answer(full_prediction(found.prediction))


@router.get("/api/predict/model", summary="예측 모델 정보", response_model=model.answer, responses=errors(504))
async def get_model(request: Request) -> Response:
    """Describes the loaded model: inputs, allowed values, bands and measured quality."""
    return answer(model(await clients_of(request).predictions.GetModelInfo(pb.GetModelInfoRequest())))
