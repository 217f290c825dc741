"""Refusals of the dataset service that its code catches."""

import errno
from enum import StrEnum

from servicekit.errors import Refused


class CsvProblem(StrEnum):
    """Why a file cannot be read: the fact `problem` of `CSV_UNREADABLE`. Below each value: its further facts."""

    EMPTY = "EMPTY"
    """Only white space."""
    NO_ROWS = "NO_ROWS"
    """A header without rows."""
    ENCODING = "ENCODING"
    """Bytes that are invalid in the encoding: `line`, `encoding`."""
    ENCODING_UNKNOWN = "ENCODING_UNKNOWN"
    """An unknown encoding: `encoding`."""
    NUL = "NUL"
    """A NUL character in a text: `line`."""
    QUOTE_UNCLOSED = "QUOTE_UNCLOSED"
    """A quotation mark that is never closed: `line`, where it opens."""
    RAGGED = "RAGGED"
    """A row with more or fewer fields than the header: `line`, `found`, `expected`."""
    FIELD_TOO_LONG = "FIELD_TOO_LONG"
    """A field that is too long: `line`, `column`, `limit` in bytes."""
    TOO_WIDE = "TOO_WIDE"
    """Too many columns: `limit`."""
    TOO_COMPLEX = "TOO_COMPLEX"
    """Reading exceeds the limit on time or memory."""


class CsvRefused(Refused):
    """The file is not CSV (`NOT_CSV`, the fact `found` says what it is), or not a readable table (`CSV_UNREADABLE`).

    The fact `problem` of the latter is a `CsvProblem`; `line` counts from 1.
    """


class StorageUnavailable(Refused):
    """The storage folder cannot be written or read."""


class StorageFull(StorageUnavailable):
    """The disk is full; reading still works."""


def disk_error(number: int | None, text: str) -> StorageUnavailable:
    """Returns the error to raise for an errno of the disk."""
    message = f"The storage refuses: {text}"
    if number in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull("STORAGE_FULL", message)
    return StorageUnavailable("STORAGE_UNAVAILABLE", message)


class DatasetDamaged(Refused):
    """The stored original is damaged, and so its table cannot be rebuilt."""


class TableDamaged(Exception):
    """The Parquet file of a dataset is damaged. Internal to the service: the file is rebuilt."""


class TableReplaced(Exception):
    """The Parquet file of a dataset was replaced meanwhile."""
