"""What was repaired while reading a file, or is worth knowing about it."""

from enum import StrEnum
from typing import NamedTuple


class WarningReason(StrEnum):
    """Every reason there is. Below each: what the fields of the warning hold beside the column."""

    HEADER_EMPTY = "HEADER_EMPTY"
    """The column had no name: `used` is the one it got."""
    HEADER_REPEATED = "HEADER_REPEATED"
    """An earlier column has the name `given`: `used` is the one this column got."""
    HEADER_SHORTENED = "HEADER_SHORTENED"
    """The name `given` (its beginning) was cut to `used`."""
    COLUMN_DROPPED = "COLUMN_DROPPED"
    """The column had neither a name nor a value and was left out: `given` is its number, from 1."""
    ROWS_DROPPED = "ROWS_DROPPED"
    """`given` rows held no value at all and were left out."""
    CELLS_READ_AS_MISSING = "CELLS_READ_AS_MISSING"
    """Cells that hold `given` in a column of numbers or dates were read as missing."""
    COLUMN_MIXED = "COLUMN_MIXED"
    """Nearly all is of the kind `used` (`integer`, `number`, `date`), but a cell says `given`: all stays text."""
    COLUMN_MOSTLY_MISSING = "COLUMN_MOSTLY_MISSING"
    """30 % or more has no value: `given` is the percentage, with one decimal."""
    COORDINATES_SWAPPED = "COORDINATES_SWAPPED"
    """The column is named latitude but holds longitudes; they are used for what they hold."""
    COORDINATES_OUTSIDE = "COORDINATES_OUTSIDE"
    """`given` rows have a position outside Korea."""
    ENCODING_GUESSED = "ENCODING_GUESSED"
    """The text is neither UTF-8 nor CP949; `used` is the best guess and may be wrong."""
    TEXT_COMPOSED = "TEXT_COMPOSED"
    """Hangul written in separate letters, as macOS does, was composed (Unicode NFC)."""


class DatasetWarning(NamedTuple):
    """One of them. Every field but the reason may be empty; `line` counts from 1, 0 is none."""

    reason: str
    line: int = 0
    column: str = ""
    given: str = ""
    used: str = ""
