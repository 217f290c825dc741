"""Reads `true` and `false`."""

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.value_rule import Values

MOST_BOOLEANS = 6
"""Distinct writings of true and false, in upper and lower case."""


def read_booleans(texts: pa.Array, _name: str) -> Values:
    """Reads `true` and `false` in any case."""
    if len(texts) > MOST_BOOLEANS:
        return Values(pa.nulls(len(texts), pa.bool_()))
    lower = pc.utf8_lower(texts)
    is_boolean = pc.is_in(lower, pa.array(["true", "false"]))
    return Values(pc.if_else(is_boolean, pc.equal(lower, "true"), pa.scalar(None, pa.bool_())))
