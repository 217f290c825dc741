"""Names as people may rely on them: without characters that nobody sees, or that turn round what stands beside them."""

import unicodedata

_JOINER, _PICTURE, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
# Letters, marks and a sign that show nothing, though Unicode does not count them among the control characters.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_PICTURES = ("So", "Sk", "Sm")


def visible(text: str) -> str:
    """Returns a text without marks of direction, zero-width and other invisible characters; line ends and tabs stay.

    What joins the parts of an emoji stays as well.
    """
    if text.isascii():
        return text
    return "".join(char for at, char in enumerate(text) if not _is_hidden(text, at, char))


def visible_line(text: str) -> str:
    """Returns what is visible of a text on one line; control characters are spaces."""
    spaced = (" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in visible(text))
    return " ".join("".join(spaced).split())


def _is_hidden(text: str, at: int, char: str) -> bool:
    if char in _BLANK:
        return True
    if char == _JOINER:
        before = text[:at].rstrip(_PICTURE)[-1:]
        return not (_is_picture(before) and _is_picture(text[at + 1 : at + 2]))
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":  # another form of what stands before
        return char != _PICTURE or not (_is_picture(text[:at][-1:]) or text[at + 1 : at + 2] == _KEYCAP)
    return unicodedata.category(char) == "Cf"


def _is_picture(char: str) -> bool:
    return bool(char) and unicodedata.category(char) in _PICTURES
