"""The user's choices of columns, encoded for a cookie: by name, because later files often have the same names."""

import base64
import binascii
import json
from collections.abc import Collection, Mapping

from servicekit.prediction_inputs import INPUTS

Choices = Mapping[str, str]
"""The chosen column by input, or an empty text for none. Only choices that differ from the automatic ones."""

_LONGEST_NAME = 60
_NONE: Choices = {}


def propose_columns(names: Collection[str], recognised: Mapping[str, str], remembered: Choices) -> dict[str, str]:
    """Returns the recognised column of each input, overridden by earlier choices among these names."""
    proposed = {**recognised, **{source: name for source, name in remembered.items() if not name or name in names}}
    return {source: name for source, name in proposed.items() if name}


def remember_columns(
    names: Collection[str], recognised: Mapping[str, str], chosen: Mapping[str, str], remembered: Choices
) -> Choices:
    """Returns the choices to remember after a choice for a file with columns of these names."""
    kept = {source: name for source, name in remembered.items() if name and name not in names}
    kept |= {source: chosen.get(source, "") for source in INPUTS if chosen.get(source) != recognised.get(source)}
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
    return {source: name for source, name in choices.items() if source in INPUTS and isinstance(name, str)}
