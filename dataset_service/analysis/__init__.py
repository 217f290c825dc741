"""The 20 analyses of a dataset, small files by subject.

A tool is a typed function: its Korean docstring is the manual a model reads, its arguments are a pydantic model
published as JSON Schema. Texts and refusals of the tools are Korean and live beside them. This is the one exception to
the rule that services speak English and the gateway has the Korean: here the words are the result, written for the
model and the person alike.
"""

from dataset_service.analysis.catalogue import Tool, catalogue, run
from dataset_service.analysis.result import Chart, Table, ToolResult

__all__ = ["Chart", "Table", "Tool", "ToolResult", "catalogue", "run"]
