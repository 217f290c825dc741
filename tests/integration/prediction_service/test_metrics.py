"""What the prediction service tells Prometheus, beside its calls."""

import re
from pathlib import Path

import grpc
import httpx
from daegu.prediction.v1 import batch_pb2, batch_pb2_grpc, prediction_pb2, prediction_pb2_grpc

from gateway.convert import accident_to_proto
from gateway.schemas.prediction import ACCIDENT_EXAMPLE, AccidentBody
from scripts.benchmarks.processes import free_port
from tests.patience import PATIENCE_SECONDS
from tests.processes import service

ACCIDENT = accident_to_proto(AccidentBody(**ACCIDENT_EXAMPLE))


def test_model_stored_predictions_and_unfinished_batches_are_shown(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    port = str(free_port())
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "PREDICTION_METRICS_PORT": port}
    with service("prediction", tmp_path, **environment) as prediction, grpc.insecure_channel(prediction.target) as door:
        singles = prediction_pb2_grpc.PredictionServiceStub(door)
        requests = [prediction_pb2.PredictionRequest(accident=ACCIDENT)] * 3
        singles.PredictMany(prediction_pb2.PredictManyRequest(requests=requests), timeout=PATIENCE_SECONDS)
        batches = batch_pb2_grpc.BatchPredictionServiceStub(door)
        batches.CreateBatch(iter([batch_pb2.CreateBatchRequest(accidents=[ACCIDENT])]), timeout=PATIENCE_SECONDS)

        page = (
            httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_SECONDS, trust_env=False)
            .raise_for_status()
            .text
        )
        version = singles.GetModelInfo(prediction_pb2.GetModelInfoRequest(), timeout=PATIENCE_SECONDS).model_version

    lines = set(page.splitlines())
    assert f'prediction_model_info{{version="{version}"}} 1.0' in lines
    assert {"prediction_rows_stored_total 3.0", "prediction_rows_waiting 0.0"} <= lines
    assert "prediction_batches_unfinished 1.0" in lines
    assert 'prediction_record_seconds_count{outcome="stored"} 1.0' in lines
    assert re.search(r'grpc_server_call_seconds_count\{code="OK",method="/\S+/CreateBatch"\} 1\.0', page)
