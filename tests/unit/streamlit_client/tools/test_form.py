"""A form sends nothing that is outside the limits of its tool, and says what they are."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dataset_service.analysis.catalogue import catalogue
from dataset_service.eclo.arguments import schema_of_many, schema_of_one
from tests.patience import PATIENCE_SECONDS
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

LIMITS: dict[str, dict[str, Any]] = {
    "minimum": {"type": "integer", "minimum": 1},
    "exclusiveMinimum": {"type": "number", "exclusiveMinimum": 0},
    "maximum": {"type": "number", "maximum": 100},
    "maxLength": {"type": "string", "maxLength": 3},
    "maxItems": {"type": "array", "maxItems": 1, "items": {"type": "string"}},
}
KEYWORDS = {
    *LIMITS, "exclusiveMaximum", "multipleOf", "minLength", "pattern", "minItems", "uniqueItems", "const",
    "minProperties", "maxProperties", "propertyNames", "contains",
}  # fmt: skip
OF_THE_SERVICE = {"minItems"}  # an empty field is not sent, and the service says what it lacks


def page() -> None:
    import streamlit as st

    from streamlit_client import state
    from streamlit_client.backend.contract_datasets import Tool
    from streamlit_client.tools.form import show_tool_form

    tool = Tool(name="t", group="", description="", args_schema={"properties": {"given": st.session_state["schema"]}})
    profile = state.datasets().get_profile(st.session_state["dataset_id"])
    st.session_state["arguments"] = show_tool_form(tool, profile, st.session_state["filled"])


def show(kept: KeptDatasets, schema: dict[str, Any], filled: Any = None) -> AppTest:
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS)
    at.session_state["schema"], at.session_state["filled"] = {"title": "칸"} | schema, {"given": filled}
    at.session_state["dataset_id"] = kept.add(pd.DataFrame({"가": [1], "나": [2]}))
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("limit", "within", "outside", "sentence"),
    [
        ("minimum", 1, 0, "칸: 1 이상의 수를 적어주세요."),
        ("exclusiveMinimum", 0.5, 0.0, "칸: 0 초과의 수를 적어주세요."),
        ("maximum", 100.0, 100.5, "칸: 100 이하의 수를 적어주세요."),
        ("maxLength", "123", "1234", "칸: 3자까지 쓸 수 있습니다. 지금은 4자입니다."),
        ("maxItems", ["가"], ["가", "나"], "칸: 1개까지 보낼 수 있습니다. 지금은 2개입니다."),
    ],
)
def test_value_outside_a_limit_is_neither_sent_nor_taken_from_the_address(
    kept: KeptDatasets, limit: str, within: Any, outside: Any, sentence: str
) -> None:
    at = show(kept, LIMITS[limit], filled=within)
    assert at.session_state["arguments"] == {"given": within}
    fields: list[Any] = [*at.number_input, *at.text_input, *at.multiselect]
    (field,) = fields
    field.set_value(outside).run()
    assert [error.value for error in at.error] == [sentence]
    assert at.session_state["arguments"] is None

    at = show(kept, LIMITS[limit], filled=outside)
    assert not at.error
    assert at.session_state["arguments"] == {}


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        ([{"hour": 6}], [{"hour": 6}]),
        ([{"hour": 6}, {"place": "상동"}], [{"hour": 6}, {"place": "상동"}]),
        ([{"other": 1}], [{}]),
        ([{"hour": "6", "place": {"a": 1}}, {"hour": 99, "place": 3}], [{}, {}]),
    ],
)
def test_table_takes_from_the_address_what_its_columns_can_show(kept: KeptDatasets, rows: Any, taken: Any) -> None:
    fields = {
        "hour": {"title": "시", "type": "integer", "minimum": 0, "maximum": 23},
        "place": {"title": "곳", "type": "string", "maxLength": 100},
    }
    at = show(kept, {"type": "array", "items": {"type": "object", "properties": fields}}, filled=rows)
    assert at.session_state["arguments"] == {"given": taken}
    assert [type(value) for row in at.session_state["arguments"]["given"] for value in row.values()] == [
        type(value) for row in taken for value in row.values()
    ]


def test_every_limit_of_a_tool_is_one_that_forms_know() -> None:
    schemas = [*(tool.schema() for tool in catalogue()), schema_of_one(""), schema_of_many("")]
    assert {word for schema in schemas for word in words_of(schema)} & KEYWORDS == {*LIMITS, *OF_THE_SERVICE}


def words_of(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from words_of(part)
