"""What a rule makes of the texts of a column."""

from typing import NamedTuple

import pyarrow as pa


class Values(NamedTuple):
    """Distinct texts as values, null where a text cannot be read; times of day are text.

    `unit` is what all texts name beside their number, `precision` that of dates that name no day.
    """

    cells: pa.Array
    unit: str = ""
    precision: str = ""
