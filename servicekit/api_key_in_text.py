"""Refuses text that contains an Anthropic key, before the text is stored or sent on."""

import re
import unicodedata

from servicekit.errors import field_refused

_PREFIX = "sk-ant-"
_KEY = re.compile(_PREFIX + r"[A-Za-z0-9_-]{8}")
# Shorter parts of the caller's key may occur in any text.
_SHORTEST_PART = 16


def refuse_api_key(text: str, field: str, own_key: str = "") -> None:
    """Raises `KEY_IN_TEXT` when a text contains what looks like a key, or the caller's own key split over lines."""
    seen = "".join(mark for mark in unicodedata.normalize("NFKC", text) if unicodedata.category(mark) != "Cf")
    own = own_key.removeprefix(_PREFIX)
    if _KEY.search(seen) or (len(own) >= _SHORTEST_PART and own in "".join(seen.split())):
        raise field_refused(field, "KEY_IN_TEXT", "no API key", refusal="KEY_IN_TEXT")
