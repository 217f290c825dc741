"""The gate for Anthropic keys that were pasted where text belongs: they are refused before anything keeps the text."""

import re
import unicodedata

from servicekit.errors import FieldViolation, KeyInText

_PREFIX = "sk-ant-"
_KEY = re.compile(_PREFIX + r"[A-Za-z0-9_-]{8}")
# Shorter parts of the caller's own key are words that may stand in any text.
_SHORTEST_PART = 16


def refuse_api_key(text: str, field: str, own_key: str = "") -> None:
    """Raises `KeyInText` when a text holds what looks like a key, or the caller's own key broken over lines."""
    seen = "".join(mark for mark in unicodedata.normalize("NFKC", text) if unicodedata.category(mark) != "Cf")
    own = own_key.removeprefix(_PREFIX)
    if _KEY.search(seen) or (len(own) >= _SHORTEST_PART and own in "".join(seen.split())):
        violation = FieldViolation(field, "KEY_IN_TEXT", "no API key")
        raise KeyInText(f"{field} holds an API key.", violations=(violation,))
