"""What a file says about the system of its metres."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from dataset_service.reading.places.systems import SYSTEMS, System

_NUMBER = re.compile("(?<![0-9])[0-9]{4,5}(?![0-9])")
# Words for some of the systems; a text may have several, and means the systems that all of them mean.
_WORDS: tuple[tuple[str, Callable[[System], bool]], ...] = (
    ("grs ?80|kgd ?2002", lambda system: system.ellipsoid == "GRS80"),
    ("bessel|베셀|동경측지계|korean? ?1985", lambda system: system.ellipsoid == "bessel"),
    ("서부|west", lambda system: system.is_belt and int(system.longitude) == 125),
    ("중부|central", lambda system: system.is_belt and int(system.longitude) == 127),
    ("동부|east(?! sea)", lambda system: system.is_belt and int(system.longitude) == 129),
    ("동해|east sea", lambda system: system.is_belt and int(system.longitude) == 131),
    ("utm ?-?k|단일 ?(?:평면|원점)|unified", lambda system: system.easting == 1_000_000),
    ("katec|카텍", lambda system: system.name == "KATEC"),
    ("wtm", lambda system: system.name == "EPSG:5181"),
    ("(?<!u)(?<!w)tm", lambda system: system.is_belt),
)


_ABOUT_SYSTEMS = re.compile("좌표|원점|측지|epsg|grs ?80|bessel|베셀|utm-?k|katec|카텍", re.IGNORECASE)


def lines_about_systems(text: str) -> list[str]:
    """Returns the lines of a text that may name a system, as other words for places do not."""
    return [line for line in text.splitlines() if _ABOUT_SYSTEMS.search(line)]


def named_systems(texts: Iterable[str]) -> Sequence[System]:
    """Returns the systems that all `texts` may mean, the most usual ones first; none if they name none."""
    systems = list(SYSTEMS.values())
    for text in texts:
        plain = re.sub(r"[\s_]+", " ", unicodedata.normalize("NFKC", text).casefold())
        numbers = {f"EPSG:{number}" for number in _NUMBER.findall(plain)} & SYSTEMS.keys()
        words = [is_meant for words, is_meant in _WORDS if re.search(words, plain)]
        systems = [
            system
            for system in systems
            if (system.name in numbers if numbers else all(is_meant(system) for is_meant in words))
        ]
    return systems if len(systems) < len(SYSTEMS) else []
