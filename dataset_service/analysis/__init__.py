"""The 20 analyses of a dataset, by subject.

A tool is a typed function: its Korean docstring is its description for the model, its arguments are a pydantic model
published as JSON Schema. Texts and refusals of the tools are in Korean, next to the code. This is the one exception to
the rule that services use English and the gateway has the Korean: here the text is the result, for the model as well as
for people.
"""

from dataset_service.analysis.catalogue import Tool, catalogue, run
from dataset_service.analysis.result import Chart, Table, ToolResult

__all__ = ["Chart", "Table", "Tool", "ToolResult", "catalogue", "run"]
