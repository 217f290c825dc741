"""The gate that every text passes on its way in."""

import re
import unicodedata

# Control characters but tab and line feed: PostgreSQL refuses NUL, and nothing shows the others.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Returns the text in NFC, trimmed, line ends as line feeds, without characters that nobody sees."""
    return storable(unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def storable(text: str) -> str:
    """Returns the text without what a database refuses."""
    return _UNSEEN.sub("", text)


def shortened(text: str, most: int) -> str:
    """Returns the text on one line, cut with an ellipsis when it has more than `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
