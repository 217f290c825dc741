"""The gRPC door to the tools, which need neither chat model nor key."""

import json

from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc

from chat_service.convert import result_to_proto, tool_to_proto
from chat_service.tools import Catalogue
from servicekit.api_key_in_text import refuse_api_key
from servicekit.ids import parse_id
from servicekit.server import Context


class ToolServicer(chat_pb2_grpc.ToolServiceServicer):
    """Serves `daegu.chat.v1.ToolService`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def ListTools(self, request: pb.ListToolsRequest, context: Context) -> pb.ListToolsResponse:
        """Lists the 22 tools."""
        tools = await self._catalogue.tools()
        return pb.ListToolsResponse(
            tools=[tool_to_proto(tool, json.dumps(tool.schema, ensure_ascii=False)) for tool in tools]
        )

    async def RunTool(self, request: pb.RunToolRequest, context: Context) -> pb.RunToolResponse:
        """Runs one tool on a dataset."""
        dataset_id = str(parse_id(request.dataset_id, "dataset_id"))
        refuse_api_key(request.arguments_json, "args")
        result = await self._catalogue.run(dataset_id, request.name, request.arguments_json)
        return pb.RunToolResponse(result=result_to_proto(result))
