"""The analysis tools, without any key."""

from typing import Annotated

from daegu.dataset.v1 import analysis_pb2 as pb
from fastapi import APIRouter, Path, Request, Response
from pydantic import StringConstraints
from pydantic_core import to_json

from gateway.clients import clients_of
from gateway.envelope import answer
from gateway.json_route import JsonRoute
from gateway.routes.datasets import DatasetId
from gateway.schemas.common import errors
from gateway.schemas.dataset import ToolBody
from gateway.views.dataset import tool_list, tool_result

router = APIRouter(tags=["분석 도구"], route_class=JsonRoute)


@router.get(
    "/api/tools",
    summary="분석 도구 목록",
    response_model=tool_list.answer,
    responses=errors(503, 504),
)
async def list_tools(request: Request) -> Response:
    """Lists the tools with the JSON Schemas of their arguments."""
    listed = await clients_of(request).tools.ListTools(pb.ListToolsRequest())
    return answer(tool_list(listed))


@router.post(
    "/api/datasets/{dataset_id}/tools/{name}",
    summary="분석 도구 실행",
    response_model=tool_result.answer,
    responses=errors(400, 403, 404, 408, 413, 415, 422, 503, 504),
)
async def run_tool(
    dataset_id: DatasetId,
    name: Annotated[str, Path(description="Name of the tool."), StringConstraints(max_length=64)],
    body: ToolBody,
    request: Request,
) -> Response:
    """Runs a tool on a dataset."""
    clients = clients_of(request)
    await clients.check_working("dataset")
    done = await clients.analyses.RunTool(
        pb.RunToolRequest(
            dataset_id=str(dataset_id),
            name=name,
            arguments_json=to_json(body.args, inf_nan_mode="null").decode(),  # orjson has no huge integers
        )
    )
    return answer(tool_result(done))
