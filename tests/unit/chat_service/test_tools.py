"""The catalogue with hand-written stubs in place of the services."""

from typing import Any, cast

import grpc
import pytest
from daegu.dataset.v1 import analysis_pb2 as pb

from chat_service.answers import ToolUse
from chat_service.tools import Catalogue, result_from_proto
from servicekit.remote_errors import PassedOn
from tests.patience import PATIENCE_SECONDS

DATASET = "01900000-0000-7000-8000-000000000001"


class Stub:
    """Answers as it is told."""

    def __init__(self) -> None:
        self.listed = 0
        self.ran: list[pb.RunToolRequest] = []
        self.error: Exception | None = None

    async def ListTools(self, _request: Any) -> pb.ListToolsResponse:
        self.listed += 1
        if self.error:
            raise self.error
        return pb.ListToolsResponse(tools=[pb.Tool(name="get_value_counts", schema_json='{"type": "object"}')])

    async def RunTool(self, request: pb.RunToolRequest) -> pb.RunToolResponse:
        self.ran.append(request)
        if self.error:
            raise self.error
        return pb.RunToolResponse(text="결과")


def unavailable() -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), "away", "")


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def catalogue(stub: Stub) -> Catalogue:
    return Catalogue(cast(Any, stub), PATIENCE_SECONDS)


async def test_tools_are_asked_for_once(catalogue: Catalogue, stub: Stub) -> None:
    names = [tool.name for tool in await catalogue.tools()]
    assert names == ["get_value_counts"]
    assert await catalogue.tools() == await catalogue.tools()
    assert stub.listed == 1


async def test_tools_that_were_never_told_cannot_be_listed(catalogue: Catalogue, stub: Stub) -> None:
    stub.error = unavailable()
    with pytest.raises(PassedOn) as raised:
        await catalogue.tools()
    assert raised.value.reason == "SERVICE_UNAVAILABLE"
    stub.error = None
    assert len(await catalogue.tools()) == 1


async def test_tools_that_were_told_outlive_the_service(
    catalogue: Catalogue, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_service.tools._FRESH_SECONDS", -1.0)
    told = await catalogue.tools()
    stub.error = unavailable()
    assert await catalogue.tools() == told
    assert stub.listed == 2


async def test_dataset_is_the_callers_and_arguments_go_on_unchanged(catalogue: Catalogue, stub: Stub) -> None:
    arguments = '{"column": "요일", "dataset_id": "another"'
    await catalogue.use(DATASET, ToolUse("1", "get_value_counts", arguments))
    assert [(ran.dataset_id, ran.arguments_json) for ran in stub.ran] == [(DATASET, arguments)]


def test_result_without_table_or_picture_has_none() -> None:
    result = result_from_proto(pb.RunToolResponse(text="결\x00과"))
    assert (result.text, result.table, result.chart) == ("결과", None, None)


async def test_fault_and_absence_of_a_service_are_words_for_the_model(catalogue: Catalogue, stub: Stub) -> None:
    for error in (ValueError("a secret detail"), unavailable()):
        stub.error = error
        call = await catalogue.use(DATASET, ToolUse("1", "get_value_counts", "{}"))
        assert (call.result, call.broke_down) == (None, True)
        assert call.error.startswith("지금은 이 도구를 쓸 수 없습니다.")
