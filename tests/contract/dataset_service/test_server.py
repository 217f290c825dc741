"""The server as such: malformed messages, strange ids."""

import random
from collections import Counter
from contextlib import suppress
from typing import Any

import grpc
from daegu.dataset.v1 import analysis_pb2, sharing_pb2
from daegu.dataset.v1 import dataset_pb2 as pb
from google.protobuf.message import DecodeError

from tests.contract.dataset_service.running_service import DatasetClient, refusal, upload_messages
from tests.contract.malformed_messages import DELIBERATE, NO_IDS, check_answers_to_mutated, mutated

CSV = b"a,b\n1,x\n2,y\n"
DATASET, SHARING, ANALYSIS = (f"daegu.dataset.v1.{name}Service" for name in ("Dataset", "Sharing", "Analysis"))


def unary_calls(dataset_id: str, link_id: str, token: str) -> list[tuple[str, Any]]:
    return [
        (f"/{DATASET}/GetDataset", pb.GetDatasetRequest(dataset_id=dataset_id)),
        (f"/{DATASET}/ListDatasets", pb.ListDatasetsRequest(limit=5, offset=1)),
        (f"/{DATASET}/UpdateDataset", pb.UpdateDatasetRequest(dataset_id=dataset_id, name="이름", description="x")),
        (f"/{DATASET}/GetDatasetProfile", pb.GetDatasetProfileRequest(dataset_id=dataset_id)),
        (f"/{DATASET}/RereadDataset", pb.RereadDatasetRequest(dataset_id=dataset_id, encoding="utf-8")),
        (f"/{DATASET}/AcquireLease", pb.AcquireLeaseRequest(dataset_id=dataset_id, holder="page", seconds=60)),
        (f"/{DATASET}/ReleaseLease", pb.ReleaseLeaseRequest(dataset_id=dataset_id, holder="page")),
        (f"/{SHARING}/ListShareLinks", sharing_pb2.ListShareLinksRequest(dataset_id=dataset_id)),
        (f"/{SHARING}/CreateShareLink", sharing_pb2.CreateShareLinkRequest(dataset_id=dataset_id)),
        (f"/{SHARING}/OpenShareLink", sharing_pb2.OpenShareLinkRequest(share_token=token)),
        (f"/{SHARING}/RevokeShareLink", sharing_pb2.RevokeShareLinkRequest(dataset_id=dataset_id, link_id=link_id)),
        (f"/{ANALYSIS}/ListTools", analysis_pb2.ListToolsRequest()),
        (
            f"/{ANALYSIS}/RunTool",
            analysis_pb2.RunToolRequest(
                dataset_id=dataset_id, name="get_value_counts", arguments_json='{"column":"b"}'
            ),
        ),
    ]


def readable(message: bytes, choose: random.Random) -> bytes:
    """Returns a mutation that is still a message: at others the library ends the call while its client is sending."""
    while True:
        changed = mutated(message, choose)
        with suppress(DecodeError):
            pb.UploadDatasetRequest.FromString(changed)
            return changed


async def test_no_mutated_message_leads_to_an_unknown_error(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    shared = await client.sharing.CreateShareLink(sharing_pb2.CreateShareLinkRequest(dataset_id=dataset_id))
    await check_answers_to_mutated(client.channel, unary_calls(dataset_id, shared.link.link_id, shared.share_token))
    assert await client.read(dataset_id)


async def test_no_mutated_upload_or_download_leads_to_an_unknown_error(client: DatasetClient) -> None:
    choose = random.Random(20_260_102)
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    upload = client.channel.stream_unary(f"/{DATASET}/UploadDataset", None, None)
    download = client.channel.unary_stream(f"/{DATASET}/ReadDataset", None, None)
    valid = [
        message.SerializeToString()
        for message in upload_messages(CSV, file_name="a.csv", name="이름", encoding="utf-8", idempotency_key="k")
    ]
    reading = pb.ReadDatasetRequest(dataset_id=dataset_id, columns=["a"], limit=1, format=pb.DATA_FORMAT_JSON)
    codes: Counter[grpc.StatusCode] = Counter()
    for attempt in range(60):
        at = choose.randrange(len(valid)) if attempt else None
        messages = [readable(message, choose) if index == at else message for index, message in enumerate(valid)]
        call: Any = upload(iter(messages))
        codes[await call.code()] += 1
        selection = reading.SerializeToString()
        stream: Any = download(mutated(selection, choose) if attempt else selection)
        codes[await ended(stream)] += 1
    assert set(codes) <= DELIBERATE
    assert {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT} <= set(codes)
    assert len(client.files()) == 2 * await client.total()


async def ended(stream: Any) -> grpc.StatusCode:
    """Returns how a stream ends that is read to its end."""
    with suppress(grpc.aio.AioRpcError):
        async for _ in stream:
            pass
    code: grpc.StatusCode = await stream.code()
    return code


async def test_id_that_is_none_is_refused_everywhere(client: DatasetClient) -> None:
    for text in NO_IDS:
        for method, message in unary_calls(text, text, "token"):
            if "dataset_id" in message.DESCRIPTOR.fields_by_name:
                error = await refusal(client.channel.unary_unary(method, None, None)(message.SerializeToString()))
                assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID"), method
        assert (await refusal(client.read(text))).reason == "REQUEST_INVALID"
