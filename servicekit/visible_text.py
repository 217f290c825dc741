"""Removes invisible characters, and those that reorder the text around them, from names."""

import unicodedata

_JOINER, _PICTURE, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
# Invisible characters outside Unicode's control and format categories.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_PICTURES = ("So", "Sk", "Sm")


def visible(text: str) -> str:
    """Returns a text without direction marks, zero-width and other invisible characters; line ends and tabs stay.

    Joiners inside an emoji stay as well.
    """
    if text.isascii():
        return text
    return "".join(char for at, char in enumerate(text) if not _is_hidden(text, at, char))


def visible_line(text: str) -> str:
    """Returns the visible text on one line; control characters become spaces."""
    spaced = (" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in visible(text))
    return " ".join("".join(spaced).split())


def _is_hidden(text: str, at: int, char: str) -> bool:
    if char in _BLANK:
        return True
    if char == _JOINER:
        before = text[:at].rstrip(_PICTURE)[-1:]
        return not (_is_picture(before) and _is_picture(text[at + 1 : at + 2]))
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":  # a variation selector
        return char != _PICTURE or not (_is_picture(text[:at][-1:]) or text[at + 1 : at + 2] == _KEYCAP)
    return unicodedata.category(char) == "Cf"


def _is_picture(char: str) -> bool:
    return bool(char) and unicodedata.category(char) in _PICTURES
