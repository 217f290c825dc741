"""One prediction in the logs of the gateway and of the prediction service."""

import asyncio
import json

import pytest

from gateway.schemas.prediction import ACCIDENT_EXAMPLE
from tests.contract.gateway.running_gateway import running_gateway
from tests.contract.prediction_service.running_service import running_service
from tests.real_servers import Postgres, ServerProcess


async def test_prediction_is_followed_by_its_request_id_from_one_log_to_the_other(
    postgres: Postgres, valkey: ServerProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    database_url = postgres.new_database()
    async with (
        running_service(database_url, valkey.url) as service,
        running_gateway(prediction_target=f"127.0.0.1:{service.port}") as gateway,
    ):

        async def predict() -> str:
            response = await gateway.post("/api/predict/eclo", json=ACCIDENT_EXAMPLE)
            assert response.status_code == 200
            return str(response.headers["x-request-id"])

        asked = await asyncio.gather(*(predict() for _ in range(20)))
    postgres.drop_database(database_url)

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    ended = [line["request_id"] for line in lines if line["event"] == "request_ended"]
    predicted = [request for line in lines if line["event"] == "frame_answered" for request in line["request_ids"]]
    assert sorted(predicted) == sorted(asked)
    assert set(asked) <= set(ended)
