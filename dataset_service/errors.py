"""Refusals of the dataset service that its code catches."""

import errno

from servicekit.errors import Refused


class CsvRefused(Refused):
    """The file is not CSV (`NOT_CSV`, the fact `found` says what it is), or not a readable table (`CSV_UNREADABLE`).

    Also raised for a choice of how to read it that cannot be (`REQUEST_INVALID`).

    The fact `problem` of the latter is a key of CSV_PROBLEMS in gateway/texts.py; its sentence names the
    further facts. `line` counts from 1.
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


class FileDamaged(Exception):
    """A stored file is not what was written. Internal to the service: the table of a dataset is rebuilt."""


class TableReplaced(Exception):
    """The Parquet file of a dataset was replaced meanwhile."""
