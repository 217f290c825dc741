"""The caller's Anthropic key: sent in the metadata of a call, and kept only during the call."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import SecretStr

from chat_service.errors import KeyInvalid
from servicekit.errors import Refused

METADATA_NAME = "x-anthropic-api-key"
_FORM = re.compile(r"sk-ant-[A-Za-z0-9_-]{8,249}")


def api_key_from(metadata: Iterable[tuple[str, Any]] | None) -> SecretStr:
    """Returns the key of a call. Raises `API_KEY_MISSING` or `API_KEY_ILL_FORMED`; neither contains what was sent."""
    sent = dict(metadata or ()).get(METADATA_NAME, "")
    text = sent.strip() if isinstance(sent, str) else ""
    if not text:
        raise Refused("API_KEY_MISSING", f"The call has no metadata {METADATA_NAME}.")
    if not _FORM.fullmatch(text):
        raise KeyInvalid(
            "API_KEY_ILL_FORMED", "An Anthropic key begins with sk-ant- and has letters, digits, - and _ only."
        )
    return SecretStr(text)


def has_api_key(metadata: Iterable[tuple[str, Any]] | None) -> bool:
    """Tells whether the call has a key in its metadata."""
    return bool(dict(metadata or ()).get(METADATA_NAME))
