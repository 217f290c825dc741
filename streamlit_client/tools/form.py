"""A form for a tool, generated from the JSON Schema of its arguments, with defaults that suit the dataset."""

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_client import address, state, texts, texts_chat
from streamlit_client.backend.contract_datasets import Profile, Tool
from streamlit_client.parts.column_roles import columns_for, is_number, is_place
from streamlit_client.parts.elements import is_fitting

Schema = Mapping[str, Any]
_COLUMN = "column"  # suffix of the format of columns: `column`, `number-column`
_LIMITS = {"minimum": operator.ge, "exclusiveMinimum": operator.gt, "maximum": operator.le}


def show_tool_form(tool: Tool, profile: Profile, filled: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """Draws the form, initially with the values `filled`, and returns the current arguments.

    The defaults give a useful result. Returns None if a field shows an error.
    """
    published: Mapping[str, Schema] = tool.args_schema.get("properties", {})
    # Lists of what is defined elsewhere are for programs and models; conditions come from the filter bar.
    properties = {name: schema for name, schema in published.items() if "$ref" not in schema.get("items", {})}
    required = set(tool.args_schema.get("required", ()))
    if not properties:
        st.caption(texts_chat.NO_ARGUMENTS)
    arguments: dict[str, Any] = {}
    can_run = True
    for name, own in properties.items():
        key = f"tool.{profile.dataset_id}.{tool.name}.{name}"
        if address.came_back():
            state.forget(key)
        schema, is_required = _first_alternative(own), name in required
        start = _find_start(schema, (filled or {}).get(name))
        if schema.get("format", "").endswith(_COLUMN):
            arguments[name] = _choose_column(schema, start, profile, arguments, is_required=is_required, key=key)
        elif name == "value":
            arguments[name] = _write_value(schema, start, profile, arguments, is_required=is_required, key=key)
        else:
            arguments[name] = _field(schema, start, profile, key)
        can_run = _may_be_sent(schema, arguments[name]) and can_run
    if not can_run:
        return None
    return {name: value for name, value in arguments.items() if value not in (None, "", [])}


def find_need(tool: Tool, profile: Profile) -> str | None:
    """Returns which columns the dataset lacks for the tool, or None."""
    there = {
        "number": sum(is_number(column) and not is_place(column) for column in profile.columns_info),
        "date": len(profile.date_columns),
        "coordinates": int(profile.coordinates is not None),
    }
    needs: Mapping[str, int] = tool.args_schema.get("needs", {})
    return next(
        (texts_chat.NEEDS[kind].format(count=count) for kind, count in needs.items() if there[kind] < count), None
    )


def _first_alternative(schema: Schema) -> Schema:
    """Returns the first alternative that is not null, merged with the other keys of the schema."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return {**schema, **options[0]} if options else schema


def _find_start(schema: Schema, filled: Any) -> Any:
    """Returns the initial value of a field: the filled one, its default or an example; None if none is valid."""
    return next((value for value in (filled, schema.get("default"), *_examples(schema)) if _fits(schema, value)), None)


def _examples(schema: Schema) -> Sequence[Any]:
    examples: Sequence[Any] = schema.get("examples", ())
    return examples


def _fits(schema: Schema, value: Any) -> bool:
    """Whether the field can show a value, which may come from the address."""
    match schema.get("type"), value:
        case "boolean", bool():
            return True
        case ("integer", int()) | ("number", int() | float()):
            is_within = all(keeps(value, schema[limit]) for limit, keeps in _LIMITS.items() if limit in schema)
            return not isinstance(value, bool) and is_within
        case "string", str():
            return value in schema.get("enum", (value,)) and len(value) <= schema.get("maxLength", len(value))
        case "array", list():
            kind = dict if schema["items"].get("type") == "object" else str
            return all(isinstance(item, kind) for item in value) and len(value) <= schema.get("maxItems", len(value))
    return False


def _may_be_sent(schema: Schema, value: Any) -> bool:
    """Whether a value is within the limits of its field; otherwise draws the limits below it."""
    if value is None or _fits(schema, value):
        return True
    name, kind = schema["title"], schema.get("type")
    if kind == "string":
        return is_fitting(name, value, schema["maxLength"])
    if kind == "array":
        sentence = texts.TOO_MANY_ITEMS.format(name=name, most=schema["maxItems"], count=len(value))
    else:
        limits = " ".join(word.format(limit=schema[limit]) for limit, word in texts.LIMITS.items() if limit in schema)
        sentence = texts.NUMBER_OUTSIDE.format(name=name, limits=limits)
    st.error(sentence, icon=":material/error:")
    return False


def _choose_column(
    schema: Schema, start: str | None, profile: Profile, chosen: Mapping[str, Any], *, is_required: bool, key: str
) -> str | None:
    kind = schema["format"].removesuffix(_COLUMN).removesuffix("-")
    options: list[str | None] = list(columns_for(kind, profile))
    if is_required:  # two columns of a form get different defaults
        options.sort(key=lambda name: name in chosen.values())
    else:
        options.insert(0, None)
    return _choice(schema, start, options, {None: texts_chat.NO_COLUMN, **_titles(profile)}, key)


def _titles(profile: Profile) -> dict[str | None, str]:
    return {column.name: column.title for column in profile.columns_info}


def _write_value(
    schema: Schema, start: str | None, profile: Profile, chosen: Mapping[str, Any], *, is_required: bool, key: str
) -> str:
    """Draws the field for a value of the chosen column; a required one starts with a value that occurs."""
    name = chosen.get("column")
    samples = next((column.sample for column in profile.columns_info if column.name == name), ())
    if start is None and is_required and samples:
        start = samples[0]
    return st.text_input(schema["title"], start or "", help=schema.get("description"), key=f"{key}.{name}")


def _field(schema: Schema, start: Any, profile: Profile, key: str) -> Any:
    label, help_text = schema["title"], schema.get("description")
    if "enum" in schema:
        names = dict(zip(schema["enum"], schema.get("enumNames", schema["enum"]), strict=True))
        return _choice(schema, start, list(names), names, key)
    match schema.get("type"):
        case "boolean":
            return st.checkbox(label, bool(start), help=help_text, key=key)
        case "integer":
            # The browser gets no limits: it would not send numbers outside them, and show an English error.
            return st.number_input(label, value=start, step=1, help=help_text, key=key)
        case "number":
            value = None if start is None else float(start)
            return st.number_input(label, value=value, step=None, help=help_text, key=key)
        case "array" if schema["items"].get("type") == "object":
            return _write_records(schema, start, key)
        case "array":
            options = columns_for("number", profile)
            columns = [name for name in start or () if name in options]
            return st.multiselect(
                label, options, columns, format_func=_titles(profile).__getitem__, help=help_text, key=key
            )
    if len(_examples(schema)) > 1:
        return _choice(schema, start, _examples(schema), {}, key)
    return st.text_input(label, start or "", help=help_text, key=key)


def _choice(
    schema: Schema, start: str | None, options: Sequence[str | None], names: Mapping[str | None, str], key: str
) -> str | None:
    return st.selectbox(
        schema["title"],
        options,
        options.index(start) if start in options else 0,
        lambda option: names.get(option, option or ""),
        help=schema.get("description"),
        key=key,
    )


def _write_records(schema: Schema, start: Sequence[Mapping[str, Any]] | None, key: str) -> list[dict[str, Any]]:
    """Draws a table whose rows are the objects of a list; it starts with the example of the schema."""
    fields: Mapping[str, Schema] = schema["items"]["properties"]
    example = {name: _find_start(field, None) for name, field in fields.items()}
    rows = [
        {name: value if _fits(field, value := row.get(name)) else None for name, field in fields.items()}
        for row in start or [example]
    ]
    st.caption(schema.get("description", ""))
    written = st.data_editor(
        pd.DataFrame(rows, columns=list(fields)),
        num_rows="dynamic",
        hide_index=True,
        column_config={name: _record_column(field) for name, field in fields.items()},
        key=key,
    )
    # pandas turns integers in a column with empty cells into floats.
    kinds = {name: int if field.get("type") == "integer" else str for name, field in fields.items()}
    return [
        {name: kind(row[name]) for name, kind in kinds.items() if pd.notna(row[name])}
        for row in written.astype(object).to_dict("records")
    ]


def _record_column(schema: Schema) -> Any:
    label, help_text = schema["title"], schema.get("description")
    if schema.get("type") == "integer":
        return st.column_config.NumberColumn(
            label,
            help=help_text,
            format="plain",
            step=1,
            min_value=schema.get("minimum"),
            max_value=schema.get("maximum"),
        )
    if len(schema.get("examples", ())) > 1:
        return st.column_config.SelectboxColumn(label, help=help_text, options=schema["examples"])
    return st.column_config.TextColumn(label, help=help_text)
