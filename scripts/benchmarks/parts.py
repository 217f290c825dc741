"""The parts of one prediction for one client, each alone through a door of the running stack, and what is left of it.

What is left has no code of its own: it is spent in waking processes, threads and loops that rest between requests.
"""

import http.client
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import uvloop
from daegu.prediction.v1 import prediction_pb2 as pb
from daegu.prediction.v1 import prediction_pb2_grpc
from pydantic import TypeAdapter

from gateway.convert import request_to_proto
from gateway.envelope import answer
from gateway.schemas.prediction import PredictionBody
from gateway.views.prediction import new_prediction
from prediction_service.convert import order_from_proto, outcome_values
from prediction_service.model import EcloModel
from prediction_service.predictions import RecordedPrediction
from prediction_service.recorder import EXECUTE, PREPARE
from prediction_service.store import PredictionRow, StoredPrediction, rows_to_json
from scripts.benchmarks.processes import REPOSITORY
from scripts.benchmarks.result import Table
from scripts.benchmarks.whole_stack import WholeStack
from servicekit.channel import open_stream_channel
from servicekit.ids import new_id

_TIMES = 200
_READ_BODY: TypeAdapter[PredictionBody] = TypeAdapter(PredictionBody)


def measure_parts(stack: WholeStack, directory: Path, bodies: Sequence[str], rounds: int) -> Table:
    """Returns the table: medians of the rounds, in each of which every part is measured 200 times."""
    model = EcloModel.load(REPOSITORY / "model")
    measured = [_measure_each(stack, directory, bodies, model) for _ in range(rounds)]
    rows = [[name, f"{statistics.median(parts[name] for parts in measured):,.0f}"] for name in measured[0]]
    return Table("Parts of one prediction, one client", ["part", "us"], rows)


def _measure_each(stack: WholeStack, directory: Path, bodies: Sequence[str], model: EcloModel) -> dict[str, float]:
    following = itertools.cycle(body.encode() for body in bodies)

    def order() -> pb.PredictionRequest:
        request = request_to_proto(_READ_BODY.validate_json(next(following), strict=True))
        request.prediction_id = new_id()
        return request

    whole, http_alone = _http(stack.api, following)
    target = f"127.0.0.1:{stack.ports['prediction']}"
    empty_frame = uvloop.run(_frame(target, list))
    frame = uvloop.run(_frame(target, lambda: [order()]))
    rows = [_row(model, order()) for _ in range(_TIMES)]
    statement = _insert(stack.database_url, rows, "off")
    stored = _insert(stack.database_url, rows, "on")
    json = _json(following, rows[0], model.version)
    predict = _median(lambda: _row(model, order())) - _median(order)
    return {
        "client, HTTP and edge: an answer of /health/live": http_alone,
        "JSON: body to message, message to answer": json,
        "wire: an empty frame to the service and back": empty_frame,
        "features and model: accident to row": predict,
        "statement: a row in a prepared INSERT, not waiting for the disk": statement,
        "commit: the same, waiting for the disk, less the statement": stored - statement,
        "  of which fdatasync of 8 KiB": _fdatasync(directory),
        "left within the service: a frame with one prediction, less wire, model, statement and commit": (
            frame - empty_frame - predict - stored
        ),
        "left in the gateway: the whole, less HTTP, JSON and frame": whole - http_alone - json - frame,
        "whole: POST /api/predict/eclo": whole,
    }


def _http(api: str, bodies: Iterator[bytes]) -> tuple[float, float]:
    """Returns the times of a prediction and of an answer that needs nothing."""
    with closing(http.client.HTTPConnection(urlsplit(api).netloc)) as connection:

        def ask(method: str, path: str, body: bytes | None = None) -> None:
            connection.request(method, path, body, {"content-type": "application/json"})
            connection.getresponse().read()

        return (
            _median(lambda: ask("POST", "/api/predict/eclo", next(bodies))),
            _median(lambda: ask("GET", "/health/live")),
        )


async def _frame(target: str, requests: Callable[[], Sequence[pb.PredictionRequest]]) -> float:
    """Returns the time of a frame with these requests, to the service and back."""
    async with open_stream_channel(target) as channel:
        stub: prediction_pb2_grpc.PredictionServiceAsyncStub = prediction_pb2_grpc.PredictionServiceStub(channel)
        call = stub.PredictStream(None)
        await call.initial_metadata()

        times = []
        for number in range(_TIMES):
            frame = pb.PredictStreamRequest(frame_id=number, requests=requests())
            started = time.perf_counter()
            await call.write(frame)
            await call.read()
            times.append((time.perf_counter() - started) * 1e6)
        return statistics.median(times)


def _row(model: EcloModel, request: pb.PredictionRequest) -> PredictionRow:
    reading = model.vocabulary.read(order_from_proto(request).accident)
    (estimate,) = model.predict_many([reading.accident])
    return PredictionRow(request.prediction_id, reading, estimate)


def _insert(database_url: str, rows: Sequence[PredictionRow], synchronous_commit: str) -> float:
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"SET synchronous_commit = {synchronous_commit}")
        cursor.execute(PREPARE)
        documents = iter([rows_to_json([row._replace(id=new_id())]) for row in rows])
        return _median(lambda: cursor.execute(EXECUTE, (datetime.now(UTC), "bench", next(documents))))


def _json(bodies: Iterator[bytes], row: PredictionRow, version: str) -> float:
    stored = StoredPrediction(row.id, row.estimate, [], None, version, datetime.now(UTC))
    outcome = pb.PredictionOutcome(**outcome_values(RecordedPrediction(stored, row.reading.accident)))

    def convert() -> None:
        request_to_proto(_READ_BODY.validate_json(next(bodies), strict=True))
        answer(new_prediction(outcome.prediction))

    return _median(convert)


def _fdatasync(directory: Path) -> float:
    with tempfile.TemporaryFile(dir=directory) as file:

        def sync() -> None:
            os.pwrite(file.fileno(), bytes(8192), 0)
            os.fdatasync(file.fileno())

        return _median(sync)


def _median(act: Callable[[], Any]) -> float:
    """Returns the median time of an action in microseconds."""
    return statistics.median(_timed(act) for _ in range(_TIMES))


def _timed(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1e6
