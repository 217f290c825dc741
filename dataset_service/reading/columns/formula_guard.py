"""The guard of servicekit/spreadsheets.py for columns of texts."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from servicekit.spreadsheets import FORMULA_START, HARMLESS


def guarded(texts: pa.Array) -> pa.Array:
    """Returns the texts, made safe for a CSV file that people open."""
    return pc.if_else(_would_run(texts), pc.binary_join_element_wise("'", texts, ""), texts)


def unguarded(columns: Sequence[pa.Array]) -> Sequence[pa.Array]:
    """Returns the texts of a file as they were before `guarded`.

    A file with an unguarded formula was never guarded, and is returned unchanged.
    """
    if not any(_any(pc.starts_with(texts, "'")) for texts in columns):
        return columns
    running = [_would_run(texts) for texts in columns]
    if any(_any(pc.and_not(runs, pc.starts_with(texts, "'"))) for texts, runs in zip(columns, running, strict=True)):
        return columns
    return [
        pc.if_else(runs, pc.utf8_slice_codeunits(texts, 1), texts) if _any(runs) else texts
        for texts, runs in zip(columns, running, strict=True)
    ]


def _would_run(texts: pa.Array) -> Any:
    return pc.and_not(
        pc.match_substring_regex(texts, f"^{FORMULA_START}"), pc.match_substring_regex(texts, f"^(?:{HARMLESS})$")
    )


def _any(mask: Any) -> bool:
    return bool(pc.any(mask).as_py())
