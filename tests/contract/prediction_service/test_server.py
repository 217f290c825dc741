"""What every tool finds at the prediction service: health, and an answer to anything that is sent."""

from typing import Any

import grpc
import pytest
import redis
from daegu.prediction.v1 import batch_pb2, prediction_pb2
from grpc_health.v1 import health_pb2

from prediction_service.batch_queue import WORKER_ALIVE_KEY
from tests.contract.malformed_messages import NO_IDS, check_answers_to_mutated
from tests.contract.prediction_service.running_service import (
    BATCH,
    PREDICTION,
    RunningService,
    accident,
    failure,
    request,
    running_service,
)
from tests.real_servers import Postgres

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


async def _statuses(service: RunningService) -> dict[str, Any]:
    answer = await service.health.List(health_pb2.HealthListRequest())
    return {name: status.status for name, status in answer.statuses.items()}


async def test_health_answers_for_the_process_each_service_and_each_dependency(
    service: RunningService, redis_url: str
) -> None:
    assert await _statuses(service) == {
        "": SERVING,
        PREDICTION: SERVING,
        BATCH: SERVING,
        "database": SERVING,
        "redis": SERVING,
        "storage": SERVING,
        "worker": NOT_SERVING,  # no worker has given a sign of life
    }


async def test_health_of_the_worker_is_its_sign_of_life(postgres: Postgres, redis_url: str) -> None:
    with redis.Redis.from_url(f"{redis_url}/0") as client:
        client.set(WORKER_ALIVE_KEY, "1", ex=60)
    database_url = postgres.new_database()
    async with running_service(database_url, redis_url) as alive:
        assert (await _statuses(alive))["worker"] == SERVING
    postgres.drop_database(database_url)


async def test_health_without_dependencies_is_that_of_the_process_alone() -> None:
    async with running_service("postgresql://nobody:x@127.0.0.1:1/none", "redis://127.0.0.1:1") as lonely:
        statuses = await _statuses(lonely)
    assert {name for name, status in statuses.items() if status == SERVING} == {
        "",
        "storage",
    }  # no disk is full


def _calls(batch_id: str) -> list[tuple[str, Any]]:
    prediction, batch = f"/{PREDICTION}", f"/{BATCH}"
    return [
        (f"{prediction}/Predict", prediction_pb2.PredictRequest(request=request(dataset_id=batch_id, explain=True))),
        (f"{prediction}/PredictMany", prediction_pb2.PredictManyRequest(requests=[request(), request(weather="?")])),
        (f"{prediction}/GetModelInfo", prediction_pb2.GetModelInfoRequest()),
        (f"{prediction}/ListPredictions", prediction_pb2.ListPredictionsRequest(page_size=5, page_token=batch_id)),
        (f"{batch}/GetBatch", batch_pb2.GetBatchRequest(batch_id=batch_id)),
        (f"{batch}/ListBatches", batch_pb2.ListBatchesRequest(page_size=5, dataset_id=batch_id)),
        (f"{batch}/ListBatchResults", batch_pb2.ListBatchResultsRequest(batch_id=batch_id, limit=5, offset=1)),
        (f"{batch}/CancelBatch", batch_pb2.CancelBatchRequest(batch_id=batch_id)),
        (f"{batch}/ClaimOverdueBatches", batch_pb2.ClaimOverdueBatchesRequest()),
    ]


async def test_no_mutated_message_leads_to_an_unknown_error(service: RunningService) -> None:
    batch = await service.create_batch([accident()])
    await check_answers_to_mutated(service.channel, _calls(batch.batch_id))


@pytest.mark.parametrize("method", ["PredictStream", "CreateBatch"])
async def test_bytes_that_are_no_message_end_a_stream_with_a_reason(service: RunningService, method: str) -> None:
    no_message = iter([b"\xff\xff"])
    if method == "PredictStream":
        error = await failure(service.channel.stream_stream(f"/{PREDICTION}/{method}", None, None)(no_message).read())
    else:
        error = await failure(service.channel.stream_unary(f"/{BATCH}/{method}", None, None)(no_message))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")


async def test_id_that_is_none_is_refused_everywhere(service: RunningService) -> None:
    for text in NO_IDS:
        for call in (
            service.batches.GetBatch(batch_pb2.GetBatchRequest(batch_id=text)),
            service.batches.CancelBatch(batch_pb2.CancelBatchRequest(batch_id=text)),
            service.batches.ListBatchResults(batch_pb2.ListBatchResultsRequest(batch_id=text)),
        ):
            error = await failure(call)
            assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")


async def test_message_that_is_too_large_is_refused(service: RunningService) -> None:
    error = await failure(service.predict(weather="맑" * 2_000_000))
    assert error.code == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_request_id_of_the_caller_comes_back_with_an_error(
    service: RunningService,
) -> None:
    call = service.predictions.Predict(prediction_pb2.PredictRequest(), metadata=(("x-request-id", "mine-1"),))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    details: Any = raised.value.trailing_metadata()
    assert b"mine-1" in dict(details)["grpc-status-details-bin"]
