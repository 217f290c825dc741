"""How well positions fit the regions that their rows name."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.places.systems import Floats
from servicekit.korea.boundaries import regions_at
from servicekit.korea.names import LEVELS
from servicekit.korea.rows import find_regions

Fits = npt.NDArray[np.int64]
"""The higher the better."""
ON_LAND = 1


def fit_of(
    columns: Sequence[TypedColumn], region_columns: Sequence[str], rows: npt.NDArray[np.int64]
) -> Callable[[Floats, Floats], Fits]:
    """Returns what tells of positions, one for each of some rows of a table, how well they fit their rows.

    0 is no position on land in Korea, 1 is one on land, and each level of the region that the row names adds 1.
    """
    named_codes = cache(partial(_named_codes, columns, region_columns, rows))

    def fit(latitudes: Floats, longitudes: Floats) -> Fits:
        named = named_codes()
        found = regions_at(latitudes, longitudes)
        fits: Fits = np.where(found == "", 0, ON_LAND)
        for digits in LEVELS:
            fits += (np.strings.str_len(named) >= digits) & (found.astype(f"U{digits}") == named.astype(f"U{digits}"))
        return fits

    return fit


def _named_codes(
    columns: Sequence[TypedColumn], region_columns: Sequence[str], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.str_]:
    """Returns the code of the most precise region that each row names in its columns of regions or an address."""
    codes = np.full(len(rows), "", "U8")
    for group in _groups(columns, region_columns):
        texts = [column.cells.take(rows).cast("string") for column in group]
        found = pc.fill_null(find_regions(texts).codes.dictionary_decode(), "").to_numpy(zero_copy_only=False)
        codes = np.where(np.strings.str_len(found.astype("U8")) > np.strings.str_len(codes), found.astype("U8"), codes)
    return codes


def _groups(columns: Sequence[TypedColumn], region_columns: Sequence[str]) -> Iterator[list[TypedColumn]]:
    by_name = {column.name: column for column in columns}
    if region_columns:
        yield [by_name[name] for name in region_columns]
    for column in columns:
        if column.reading.meaning == Meaning.ADDRESS:
            yield [column]
