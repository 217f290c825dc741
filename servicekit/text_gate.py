"""The gate for texts: which of a caller's are refused, and what is stored of the others."""

import re
import unicodedata

from servicekit.api_key_in_text import refuse_api_key
from servicekit.errors import field_refused
from servicekit.visible_text import visible, visible_line

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_KEY = 200, 2000, 200
_LONGEST_FILE_NAME = 255
_UNTITLED = "data.csv"
# Control characters except tab and line feed: PostgreSQL refuses NUL, and the others are invisible.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def checked_text(text: str, field: str, longest: int, *, is_required: bool = False) -> str:
    """Returns the text as it is stored. Raises `REQUEST_INVALID` with the field, or `KEY_IN_TEXT`."""
    refuse_api_key(text, field)
    plain = unicodedata.normalize("NFC", visible(text)).strip()
    if "\0" in plain or any("\ud800" <= char <= "\udfff" for char in plain):
        raise field_refused(field, "VALUE_INVALID", "holds a NUL or half a surrogate pair")
    if len(plain) > longest:
        raise field_refused(field, "TEXT_TOO_LONG", f"at most {longest} characters")
    if is_required and not plain:
        raise field_refused(field, "MISSING", "empty")
    return plain


def checked_line(text: str, field: str, longest: int, *, is_required: bool = False) -> str:
    """Returns the text on one line; control characters become spaces."""
    line = text if "\0" in text else visible_line(text)
    return checked_text(line, field, longest, is_required=is_required)


def display_file_name(given: str) -> str:
    """Returns the last component of a file's path, for display only.

    Raises `KEY_IN_TEXT`.
    """
    refuse_api_key(given, "file")
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    shown = visible_line("".join(char for char in last if char != "\0" and not "\ud800" <= char <= "\udfff"))
    stem, dot, ending = shown.rpartition(".")
    if len(shown) > _LONGEST_FILE_NAME:
        shown = stem[: _LONGEST_FILE_NAME - len(ending) - 2] + "…" + dot + ending[:20]
    return shown or _UNTITLED


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
