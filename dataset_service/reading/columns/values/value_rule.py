"""What a rule makes of the texts of a column."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pyarrow as pa


class Values(NamedTuple):
    """Distinct texts as values, null where a text cannot be read; times of day are text.

    `unit` is what all texts name beside their number, `precision` that of dates that name no day. `told` are reasons
    of warnings, each with the texts that it is about, as an array of bool.
    """

    cells: pa.Array
    unit: str = ""
    precision: str = ""
    told: Mapping[str, Any] = {}
