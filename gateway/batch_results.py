"""The results of a batch, beside the rows of its dataset if it has one. Everything is streamed part by part."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from operator import attrgetter
from typing import Any

import grpc
import orjson
from daegu.dataset.v1 import dataset_pb2
from daegu.prediction.v1 import batch_pb2 as pb
from daegu.prediction.v1 import batch_pb2_grpc

from gateway.clients import Clients
from gateway.errors import ApiError, from_prediction_error
from gateway.texts import CSV_HEADERS, FIELD_NAMES, INPUT_NAMES, JOINED_HEADERS, RESULT_HEADERS, suggestion_text
from servicekit.spreadsheets import guarded

_BOM = "\ufeff".encode()
_inputs = attrgetter(*FIELD_NAMES)

Parts = AsyncIterator[pb.ReadBatchResultsResponse]


async def read_results(
    stub: "batch_pb2_grpc.BatchPredictionServiceAsyncStub", request: pb.ReadBatchResultsRequest
) -> Parts:
    """Yields the results that there are now in parts, the first one even if it is empty.

    `limit` of the request says how many at most. Goes on where it was when the replica that sends them ends.
    """
    end = 0
    while True:
        call, has_begun = stub.ReadBatchResults(request), False
        try:
            async for part in call:
                if part.results:
                    end = end or min(part.results[0].index + request.limit, part.batch.done)
                    following, has_begun = part.results[-1].index + 1, True
                    request = pb.ReadBatchResultsRequest(
                        batch_id=request.batch_id,
                        offset=following,
                        limit=end - following,
                        without_accidents=request.without_accidents,
                    )
                yield part
            return
        except grpc.aio.AioRpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE or not has_begun:
                raise
            if not request.limit:
                return
        finally:
            call.cancel()  # if the client left


async def get_source(clients: Clients, batch: pb.Batch) -> dataset_pb2.Dataset:
    """Returns the dataset whose rows the batch predicted. Raises `DATASET_CHANGED` if it has other rows since."""
    request = dataset_pb2.GetDatasetRequest(dataset_id=batch.dataset_id)
    dataset: dataset_pb2.Dataset = (await clients.datasets.GetDataset(request)).dataset
    if dataset.content_hash != batch.content_hash:
        raise ApiError("DATASET_CHANGED")
    return dataset


async def find_source(clients: Clients, batch: pb.Batch) -> dataset_pb2.Dataset | None:
    """Returns the dataset whose rows the batch predicted; None if it has none, or not any more."""
    if not batch.columns:
        return None
    try:
        return await get_source(clients, batch)
    except ApiError:
        return None
    except grpc.aio.AioRpcError as error:
        if error.code() != grpc.StatusCode.NOT_FOUND:
            raise
        return None


async def read_rows(clients: Clients, source: dataset_pb2.Dataset, offset: int, limit: int) -> list[dict[str, Any]]:
    """Returns rows of a dataset as JSON objects."""
    request = dataset_pb2.ReadDatasetRequest(
        dataset_id=source.dataset_id, format=dataset_pb2.DATA_FORMAT_JSON, offset=offset, limit=limit
    )
    parts = [part.chunk async for part in clients.dataset_intake.ReadDataset(request)]
    rows: list[dict[str, Any]] = orjson.loads(b"".join(parts))
    return rows


async def write_csv(
    clients: Clients,
    source: dataset_pb2.Dataset | None,
    first: pb.ReadBatchResultsResponse,
    others: Parts,
    *,
    most: int,
    is_guarded: bool,
) -> AsyncIterator[bytes]:
    """Yields the results, a part at a time, as CSV in UTF-8 with BOM: behind the rows of the source, or the inputs."""
    write_text = guarded if is_guarded else str
    if source is None:
        yield _BOM + b"".join(_lines([CSV_HEADERS], write_text))
        async for part in _chained(first, others):
            yield b"".join(_lines(map(_row, part.results), write_text))
        return
    kind = dataset_pb2.DATA_FORMAT_CSV if is_guarded else dataset_pb2.DATA_FORMAT_UNGUARDED_CSV
    start = first.results[0].index if first.results else 0
    limit = max(1, min(first.batch.done - start, most))  # 0 would be all
    request = dataset_pb2.ReadDatasetRequest(dataset_id=source.dataset_id, format=kind, offset=start, limit=limit)
    async with aclosing(_records(aiter(clients.dataset_upload.ReadDataset(request)))) as records:
        header = (await anext(records)).rstrip(b"\n")
        (names,) = csv.reader([header.removeprefix(_BOM).decode()])
        yield b"%b,%b" % (header, *_lines([_free_names(names)], write_text))
        async for part in _chained(first, others):
            results = _lines(map(_result, part.results), write_text)
            yield b"".join([b"%b,%b" % ((await anext(records)).rstrip(b"\n"), result) for result in results])


async def _chained(first: pb.ReadBatchResultsResponse, others: Parts) -> Parts:
    yield first
    async for part in others:
        yield part


async def _records(parts: AsyncIterator[dataset_pb2.ReadDatasetResponse]) -> AsyncGenerator[bytes]:
    """Yields the records of a CSV file with their line ends. Inside quotes, which are doubled, a line goes on."""
    record, rest = b"", b""
    async for part in parts:
        *lines, rest = (rest + part.chunk).split(b"\n")
        for line in lines:
            record += line + b"\n"
            if record.count(b'"') % 2 == 0:
                yield record
                record = b""


def _free_names(names: Sequence[str]) -> list[str]:
    """Returns the headers of the results, numbered where the dataset has a column of that name."""
    taken, free = set(names), []
    for name in JOINED_HEADERS:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name} ({number})", number + 1
        free.append(candidate)
    return free


def _row(result: pb.BatchResult) -> list[Any]:
    inputs = _inputs(result.accident) if result.HasField("accident") else [None] * len(FIELD_NAMES)
    return [result.index + 1, *inputs, *_result(result)]


def _result(result: pb.BatchResult) -> list[Any]:
    if result.HasField("error"):
        return [*[None] * (len(RESULT_HEADERS) - 1), _why(from_prediction_error(result.error))]
    found = result.prediction
    return [found.eclo, found.expected, found.interpretation, found.range.low, found.range.high, ""]


def _why(error: ApiError) -> str:
    sentences = [error.sentence]
    for detail in error.details:
        message = detail.message + suggestion_text(detail.suggestion)
        sentences.append(f"{INPUT_NAMES.get(detail.field, detail.field)}: {message}" if detail.field else message)
    return " ".join(sentences)


def _lines(rows: Iterable[Sequence[Any]], write_text: Callable[[str], str]) -> list[bytes]:
    """Returns a line of CSV for each row."""
    lines = []
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([write_text(cell) if isinstance(cell, str) else cell for cell in row])
        lines.append(out.getvalue().encode())
        out.seek(0)
        out.truncate()
    return lines
