"""A form for a tool, made from the JSON Schema of its arguments."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from streamlit_client import address, state
from streamlit_client import texts_chat as words
from streamlit_client.contract_datasets import Profile, Tool


class ArgumentUnreadable(Exception):
    """What was written for an argument is no JSON. The message is the Korean sentence."""


def show_tool_form(tool: Tool, profile: Profile, filled: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """Draws the form, at first with what it was `filled` with before; returns the arguments when it is sent.

    Raises `ArgumentUnreadable`.
    """
    properties: Mapping[str, Any] = tool.args_schema.get("properties", {})
    required = set(tool.args_schema.get("required", ()))
    if filled is not None:
        _fill(tool.name, properties, filled, profile)
    with st.form(f"tool.{tool.name}", border=True):
        if not properties:
            st.caption(words.NO_ARGUMENTS)
        written = {
            name: _field(name, _one_of(schema), profile, is_required=name in required, key=f"tool.{tool.name}.{name}")
            for name, schema in properties.items()
        }
        is_sent = st.form_submit_button(words.RUN, type="primary", icon=":material/play_arrow:")
    if not is_sent:
        return None
    return {
        name: _read(name, properties[name], value) for name, value in written.items() if value not in (None, "", [])
    }


def _fill(tool: str, properties: Mapping[str, Any], filled: Mapping[str, Any], profile: Profile) -> None:
    for name, schema in properties.items():
        key = f"tool.{tool}.{name}"
        if name in filled and (key not in st.session_state or address.came_back()):
            value = _field_value(name, _one_of(schema), filled[name], profile)
            if value is not None:
                state.remember(key, value)


def _field_value(name: str, schema: Mapping[str, Any], value: Any, profile: Profile) -> Any:
    """Returns what a field can show of a value that stood in the address; None where it is not its kind of value."""
    if _is_column(name) or "enum" in schema:
        return value if value in (profile.names() if _is_column(name) else schema["enum"]) else None
    match schema.get("type"), value:
        case "array", [*columns] if schema.get("items", {}).get("type") == "string":
            return [column for column in columns if column in profile.names()]
        case (("array" | "object"), _):
            return json.dumps(value, ensure_ascii=False)
        case "boolean", bool():
            return value
        case "integer", int() if not isinstance(value, bool):
            return min(max(value, schema.get("minimum", value)), schema.get("maximum", value))
        case "number", int() | float():
            return float(value)
        case "string", str():
            return value
    return None


def _one_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the alternative that a form offers: the first that is not null, with what stands beside it."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return {**schema, **options[0]} if options else schema


def _is_column(name: str) -> bool:
    return name == "column" or name.endswith("_column")


def _field(name: str, schema: Mapping[str, Any], profile: Profile, *, is_required: bool, key: str) -> Any:
    label, default = schema.get("title") or name, schema.get("default")
    help_text = schema.get("description")
    if _is_column(name):
        return _choice(label, profile.names(), is_required=is_required, help_text=help_text, key=key)
    if "enum" in schema:
        return _choice(label, schema["enum"], is_required=is_required, help_text=help_text, key=key)
    match schema.get("type"):
        case "boolean":
            return st.checkbox(label, bool(default), help=help_text, key=key)
        case "integer":
            low, high = schema.get("ge", schema.get("minimum")), schema.get("le", schema.get("maximum"))
            start = default if default is not None else low if is_required else None
            return st.number_input(label, low, high, start, step=1, help=help_text, key=key)
        case "number":
            start = float(default) if default is not None else None
            return st.number_input(label, value=start, step=None, help=help_text, key=key)
        case "array" if schema.get("items", {}).get("type") == "string":
            return st.multiselect(label, profile.names(), help=help_text, key=key)
        case "array" | "object":
            return st.text_area(label, help=f"{help_text or ''} {words.JSON_HELP}".strip(), key=key)
    return st.text_input(label, "" if default is None else str(default), help=help_text, key=key)


def _choice(label: str, options: Sequence[str], *, is_required: bool, help_text: str | None, key: str) -> str | None:
    return st.selectbox(
        label,
        options if is_required else [None, *options],
        format_func=lambda option: words.NO_COLUMN if option is None else str(option),
        help=help_text,
        key=key,
    )


def _read(name: str, schema: Mapping[str, Any], value: Any) -> Any:
    kind = _one_of(schema)
    if kind.get("type") in ("array", "object") and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            raise ArgumentUnreadable(words.JSON_BROKEN.format(name=name)) from None
    return value
