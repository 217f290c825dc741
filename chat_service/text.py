"""Cleans incoming text."""

import re
import unicodedata

# Control characters except tab and line feed: PostgreSQL refuses NUL, and the others are invisible.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Returns the text in NFC, trimmed, with line feeds as line ends and without invisible characters."""
    return storable(unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def storable(text: str) -> str:
    """Returns the text without characters that PostgreSQL refuses."""
    return _UNSEEN.sub("", text)


def shortened(text: str, most: int) -> str:
    """Returns the text on one line, truncated with an ellipsis to at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
