"""Reads money that is written with 조, 억 and 만: `1억 2,000만원`."""

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.value_rule import Values

_WHOLE = r"(?:[1-9][0-9]{0,3}|[1-9],[0-9]{3})"
_PARTS = (("trillions", 10**12, "조"), ("hundred_millions", 10**8, "억"), ("ten_thousands", 10**4, "만"))
_MONEY = (
    r"^(?P<sign>[-−]?)"
    + "".join(rf"(?:(?P<{name}>{_WHOLE}) ?{word} ?)?" for name, _, word in _PARTS)
    + rf"(?P<ones>{_WHOLE}|0)? ?원$"
)


def read_money_words(texts: pa.Array, _name: str) -> Values:
    """Reads amounts in 원, each part below ten thousand; without 원 at the end, the last part might be of 만."""
    parts = pc.extract_regex(texts, _MONEY)
    written = {name: pc.struct_field(parts, name) for name in ("ones", *(name for name, *_ in _PARTS))}
    has_any = pc.not_equal(pc.binary_join_element_wise(*written.values(), ""), "")
    total = pa.scalar(0, pa.int64())
    for name, times, _ in (("ones", 1, ""), *_PARTS):
        digits = pc.replace_substring(written[name], ",", "")
        number = pc.cast(pc.if_else(pc.equal(digits, ""), "0", digits), pa.int64())
        total = pc.add(total, pc.multiply(number, times))
    signed = pc.if_else(pc.equal(pc.struct_field(parts, "sign"), ""), total, pc.negate(total))
    return Values(pc.if_else(has_any, signed, pa.scalar(None, pa.int64())), "원")
