"""Both coordinates of a position in one text: two numbers, two texts of degrees, a point of WKT or GeoJSON."""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.places.degree_texts import read_degrees

_NUMBER = r"[+-]?\d+(?:\.\d*)?"
_LABEL = r"(?:[a-z가-힣]{1,10}\s*[:=]\s*)?"
_OPEN, _CLOSE = r"(?i)^(?:(?:latlng|point)\s?\()?[\[({<]?\s*", r"\s*[\])}>]?$"
_NUMBERS = (
    rf"{_OPEN}{_LABEL}(?P<first>{_NUMBER})(?:\s*[,/;|]\s*|\s+){_LABEL}(?P<second>{_NUMBER}){_CLOSE}",
    rf"(?i)^(?:SRID=(?P<system>\d+);)?\s*POINT\s*Z?M?\s*\(\s*(?P<first>{_NUMBER})\s+(?P<second>{_NUMBER})(?:\s+{_NUMBER})*\s*\)$",
    rf"(?i)^\{{.*[\"']coordinates[\"']\s*:\s*\[\s*(?P<first>{_NUMBER})\s*,\s*(?P<second>{_NUMBER})\s*(?:,[^\]]*)?\].*\}}$",
    rf"^\{{\s*[\"']\w+[\"']\s*:\s*[\"']?(?P<first>{_NUMBER})[\"']?\s*,\s*[\"']\w+[\"']\s*:\s*[\"']?(?P<second>{_NUMBER})[\"']?\s*\}}$",
)
_DEGREES = (
    rf"{_OPEN}(?P<first>[^,/;|]*\d[^,/;|]*?)\s*[,/;|]\s*(?P<second>[^,/;|]*\d[^,/;|]*?){_CLOSE}",
    rf"{_OPEN}(?P<first>(?:n|북위|위도|lat).*?)\s*(?P<second>(?:e|동경|경도|lon|lng).*?){_CLOSE}",
    rf"{_OPEN}(?P<first>(?:e|동경|경도|lon|lng).*?)\s*(?P<second>(?:n|북위|위도|lat).*?){_CLOSE}",
    rf"{_OPEN}(?P<first>.*\d(?:[^\d\s]+\s|[^\d\s]*n))\s*(?P<second>\d.*?){_CLOSE}",
)


class PositionTexts(NamedTuple):
    """The two numbers of each text, in the order of writing; null where a text is no position."""

    first: pa.DoubleArray
    second: pa.DoubleArray
    system: str
    """`EPSG:5179` if all texts that name a system name this one; otherwise empty."""


def read_positions(texts: pa.StringArray) -> PositionTexts:
    """Returns the numbers of texts without white space around them."""
    first = second = pa.nulls(len(texts), pa.float64())
    systems: set[str] = set()
    for pattern, read in (*((one, _to_numbers) for one in _NUMBERS), *((one, read_degrees) for one in _DEGREES)):
        if first.null_count <= texts.null_count:
            break
        parts = pc.extract_regex(pc.if_else(pc.is_null(first), texts, pa.scalar(None, pa.string())), pattern)
        one, other = (read(pc.struct_field(parts, name)) for name in ("first", "second"))
        is_read = pc.and_(pc.is_valid(one), pc.is_valid(other))
        first, second = pc.if_else(is_read, one, first), pc.if_else(is_read, other, second)
        if "<system>" in pattern:
            systems |= {f"EPSG:{code}" for code in pc.unique(pc.struct_field(parts, "system")).to_pylist() if code}
    return PositionTexts(first, second, systems.pop() if len(systems) == 1 else "")


def _to_numbers(texts: pa.StringArray) -> pa.DoubleArray:
    return pc.cast(texts, pa.float64())
