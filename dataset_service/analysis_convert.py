"""Converts tools and their results to the contract of the analyses."""

import orjson
from daegu.dataset.v1 import analysis_pb2 as pb

from dataset_service.analysis import Tool, ToolResult
from servicekit.messages import to_message


def tool_to_proto(tool: Tool) -> pb.Tool:
    """Converts a tool and its description."""
    schema = orjson.dumps(tool.schema()).decode()
    return pb.Tool(name=tool.name, group=tool.group, description=tool.description, schema_json=schema)


def result_to_proto(result: ToolResult) -> pb.RunToolResponse:
    """Converts the result of a tool. A number that is not finite becomes null."""
    chart = None if result.chart is None else orjson.dumps(result.chart).decode()
    question = None if result.question is None else result.question.model_dump_json(exclude_defaults=True)
    table = orjson.dumps(result.table).decode()
    return to_message(pb.RunToolResponse, result, table_json=table, chart_json=chart, question_json=question)
