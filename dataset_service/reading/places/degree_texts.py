"""Degrees as people write them: with minutes and seconds, with signs, with words around them."""

from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

# Signs of minutes and seconds that NFKC does not make equal, and degrees of three parts between dots.
_EQUAL = (
    ("[º˚]", "°"),
    ("''|[″“”〃＂]|′′", '"'),
    ("[′’‘´`＇]", "'"),
    (r"^(\d{1,3})\.(\d{1,2})\.(\d{1,2}(?:\.\d*)?)$", r"\1-\2-\3"),
)
_DECIMAL = r"\d{1,2}(?:\.\d*)?"
_WORD = r"(?:북위|동경|위도|경도|latitude|longitude|lat|lng|lon|[ne])"
# A fraction may have any words around it; whole degrees would be any number.
_DEGREES = (
    r"(?i)^(?:[^\d+-]{0,15}\+?(?P<fraction>\d{1,3}\.\d+)\D{0,15}(?:wgs ?84)?"
    rf"|(?:{_WORD}[\s:=.]*){{0,2}}\+?(?:(?P<degrees>\d{{1,3}})\.?\s*(?:°|도|deg|degrees)?"
    r"|(?P<whole>\d{1,3})\s*[°도:\s-]\s*"
    rf"(?P<minutes>{_DECIMAL})\s*(?:['분:\s-]\s*(?:(?P<seconds>{_DECIMAL})\s*[\"초]?\D{{0,15}})?)?"
    rf")\s*{_WORD}?)$"
)


def read_degrees(texts: pa.StringArray) -> pa.DoubleArray:
    """Returns the degrees in each text, null where there are none."""
    equal = reduce(lambda result, rule: pc.replace_substring_regex(result, *rule), _EQUAL, texts)
    plain = pc.utf8_trim_whitespace(pc.utf8_normalize(equal, form="NFKC"))
    parts = pc.extract_regex(plain, _DEGREES)

    def part(name: str) -> pa.DoubleArray:
        digits = pc.struct_field(parts, name)
        return pc.cast(pc.if_else(pc.equal(digits, ""), pa.scalar(None, pa.string()), digits), pa.float64())

    minutes, seconds = (pc.fill_null(part(name), 0.0) for name in ("minutes", "seconds"))
    is_possible = pc.and_(pc.less(minutes, 60), pc.less_equal(seconds, 60))
    below = pc.divide(pc.add(minutes, pc.divide(seconds, 60.0)), 60.0)
    degrees = pc.add(pc.coalesce(part("fraction"), part("degrees"), part("whole")), below)
    return pc.if_else(is_possible, degrees, pa.scalar(None, pa.float64()))
