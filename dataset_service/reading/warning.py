"""Warnings about a file: repairs made while reading it, and facts worth knowing."""

from enum import StrEnum
from typing import NamedTuple


class WarningReason(StrEnum):
    """Reasons of warnings. Below each: the fields of the warning besides the column."""

    HEADER_EMPTY = "HEADER_EMPTY"
    """The column had no name: `used` is its new one."""
    HEADER_REPEATED = "HEADER_REPEATED"
    """An earlier column has the name `given`: `used` is the new name of this one."""
    HEADER_SHORTENED = "HEADER_SHORTENED"
    """The name, of which `given` is the beginning, was truncated to `used`."""
    COLUMN_DROPPED = "COLUMN_DROPPED"
    """The column had neither name nor values and was left out: `given` is its number, from 1."""
    ROWS_DROPPED = "ROWS_DROPPED"
    """`given` rows had no values and were left out."""
    CELLS_READ_AS_MISSING = "CELLS_READ_AS_MISSING"
    """Cells that hold `given` in a column of numbers or dates were read as missing."""
    COLUMN_MIXED = "COLUMN_MIXED"
    """Nearly all cells are of the kind `used` (`integer`, `number`, `date`), but one is `given`: all stay text."""
    COLUMN_MOSTLY_MISSING = "COLUMN_MOSTLY_MISSING"
    """30 % or more of the values are missing: `given` is the percentage, with one decimal."""
    COORDINATES_SWAPPED = "COORDINATES_SWAPPED"
    """The column is named latitude but holds longitudes, or vice versa; its values are used as what they are."""
    COORDINATES_OUTSIDE = "COORDINATES_OUTSIDE"
    """`given` rows have a position outside Korea."""
    ENCODING_GUESSED = "ENCODING_GUESSED"
    """The text is neither UTF-8 nor CP949; `used` is the best guess and may be wrong."""
    TEXT_COMPOSED = "TEXT_COMPOSED"
    """Decomposed Hangul, as written by macOS, was composed (Unicode NFC)."""


class DatasetWarning(NamedTuple):
    """One warning. Every field but the reason may be empty; `line` counts from 1, 0 means none."""

    reason: str
    line: int = 0
    column: str = ""
    given: str = ""
    used: str = ""
