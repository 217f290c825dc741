"""Warnings about a file: repairs made while reading it, and facts worth knowing."""

from typing import NamedTuple


class DatasetWarning(NamedTuple):
    """One warning; every field but the reason may be empty. `line` counts from 1, 0 means none.

    The sentence of the reason, in DATASET_WARNINGS of gateway/texts.py, says what `given` and `used` are.
    """

    reason: str
    line: int = 0
    column: str = ""
    given: str = ""
    used: str = ""
