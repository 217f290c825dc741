"""The user's choices of columns, encoded for a cookie: by name, because later files often have the same names."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence

from streamlit_client.files.csv_columns import SOURCES, Columns, find_columns

Choices = Mapping[str, str]
"""The chosen column by source, or an empty text for none. Only choices that differ from the automatic ones."""

_LONGEST_NAME = 60
_NONE: Choices = {}


def propose_columns(columns: Sequence[str], remembered: Choices) -> dict[str, int]:
    """Returns the columns recognised by name, overridden by earlier choices."""
    proposed = find_columns(columns)
    for source, name in remembered.items():
        if not name:
            proposed.pop(source, None)
        elif name in columns:
            proposed[source] = columns.index(name)
    return proposed


def remember_columns(columns: Sequence[str], chosen: Columns, remembered: Choices) -> Choices:
    """Returns the choices to remember after a choice for a file with these columns."""
    by_name = find_columns(columns)
    kept = {source: name for source, name in remembered.items() if name and name not in columns}
    for source in SOURCES:
        if chosen.get(source) != by_name.get(source):
            kept[source] = columns[chosen[source]] if source in chosen else ""
    return {source: name for source, name in kept.items() if len(name) <= _LONGEST_NAME}


def encode_choices(choices: Choices) -> str:
    """Encodes the choices as letters, digits, `-`, `_` and `=`."""
    return base64.urlsafe_b64encode(json.dumps(choices, ensure_ascii=False).encode()).decode()


def decode_choices(text: str) -> Choices:
    """Decodes choices; none if the text is invalid."""
    try:
        choices = json.loads(base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError):
        return _NONE
    if not isinstance(choices, dict):
        return _NONE
    return {source: name for source, name in choices.items() if source in SOURCES and isinstance(name, str)}
