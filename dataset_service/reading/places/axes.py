"""Pairs of columns with the two coordinates of a position, by their names."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

# Words for the axis to the north and for the one to the east, the clearest first.
_AXES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("위도",), ("경도",)),
    (("latitude", "lat"), ("longitude", "longtitude", "lng", "lon", "long", "lot")),
    (("la",), ("lo",)),
    (("북위",), ("동경",)),
    (("y", "ydnts"), ("x", "xcnts")),
    (("northing", "north"), ("easting", "east")),
    (("종선",), ("횡선",)),
    (("n",), ("e",)),
)
_RANKS = {word: (rank, side) for rank, axis in enumerate(_AXES) for side, words in enumerate(axis) for word in words}
_TOKEN = re.compile("[a-z]+|[0-9]+|[가-힣]+")
_HANGUL = re.compile("|".join(word for word in _RANKS if not word.isascii()))
# Letters that stand before or behind the word of an axis without a separator.
_LATIN = re.compile(
    "(tm|utmk?|wtm|gps|wgs|grs|map|pos|point|coord|crd|grid|geo|loc)?"
    f"({'|'.join(word for word in _RANKS if word.isascii())})"
    "(coord|coordinate|crdnt|crd|pos|point|axis|deg|wgs|grs)?"
)


class Pair(NamedTuple):
    """The names of two columns: the coordinate to the north, as the names say, and the one to the east."""

    north: str
    east: str


def find_pairs(names: Sequence[str]) -> list[Pair]:
    """Returns the pairs of names that differ in the axis alone, the clearest and shortest first."""
    sides: tuple[dict[tuple[int, str], str], ...] = ({}, {})
    for name in names:
        rank, side, rest = _axis(name)
        if rest:
            sides[side].setdefault((rank, rest), name)
    north, east = sides
    keys = sorted((key for key in north if key in east), key=lambda key: (key[0], len(key[1])))
    return [Pair(north[key], east[key]) for key in keys]


def _axis(name: str) -> tuple[int, int, str]:
    """Returns the rank and the side of the axis in a name, and the name with marks for all axes; empty without one."""
    plain = re.sub("(?<=[가-힣])[ _]+(?=[가-힣])", "", unicodedata.normalize("NFKC", name).casefold())
    found: list[tuple[int, int]] = []

    def mark(word: str) -> str:
        found.append(_RANKS[word])
        return f"<{found[-1][0]}>"

    rest = ""
    for token in _TOKEN.findall(plain):
        latin = _LATIN.fullmatch(token)
        if latin:
            rest += f"{latin[1] or ''}{mark(latin[2])}{latin[3] or ''}"
        else:
            rest += _HANGUL.sub(lambda word: mark(word[0]), token)
    return (*min(found), rest) if found else (0, 0, "")
