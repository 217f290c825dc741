"""Errors of the dataset service."""

import errno
from enum import StrEnum

from servicekit.errors import DomainError, Kind


class CsvProblem(StrEnum):
    """Why a file cannot be read: the fact `problem` of `CsvUnreadable`. Below each value: its further facts."""

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


class NotCsv(DomainError):
    """The file is not CSV but for example a spreadsheet, an image or JSON: `found` says what."""

    kind, reason = Kind.INVALID, "NOT_CSV"


class CsvUnreadable(DomainError):
    """The file is text but not a readable table. The fact `problem` is a `CsvProblem`; `line` counts from 1."""

    kind, reason = Kind.INVALID, "CSV_UNREADABLE"


class FileTooLarge(DomainError):
    """The file exceeds `limit` bytes."""

    kind, reason = Kind.TOO_LARGE, "FILE_TOO_LARGE"


class UploadIncomplete(DomainError):
    """The stream of an upload ended without its final message, or with a different number of bytes."""

    kind, reason = Kind.INVALID, "UPLOAD_INCOMPLETE"


class IdempotencyKeyReused(DomainError):
    """The key was used before, with another file or other fields."""

    kind, reason = Kind.INVALID, "IDEMPOTENCY_KEY_REUSED"


class UploadsBusy(DomainError):
    """The number of concurrent uploads has reached its limit."""

    kind, reason = Kind.BUSY, "UPLOADS_BUSY"


class DownloadsBusy(DomainError):
    """The number of concurrent downloads has reached its limit."""

    kind, reason = Kind.BUSY, "SERVICE_BUSY"


class StorageUnavailable(DomainError):
    """The storage folder cannot be written or read."""

    kind, reason = Kind.UNAVAILABLE, "STORAGE_UNAVAILABLE"


class StorageFull(StorageUnavailable):
    """The disk is full; reading still works."""

    kind, reason = Kind.UNAVAILABLE, "STORAGE_FULL"


def disk_error(number: int | None, text: str) -> StorageUnavailable:
    """Returns the error to raise for an errno of the disk."""
    kind = StorageFull if number in (errno.ENOSPC, errno.EDQUOT) else StorageUnavailable
    return kind(f"The storage refuses: {text}")


class DatasetDamaged(DomainError):
    """The stored original is damaged, and so its table cannot be rebuilt."""

    kind, reason = Kind.CONFLICT, "DATASET_DAMAGED"


class TableDamaged(Exception):
    """The Parquet file of a dataset is damaged. Internal to the service: the file is rebuilt."""


class TableReplaced(Exception):
    """The Parquet file of a dataset was replaced meanwhile."""


class DatasetNotFound(DomainError):
    """No dataset has this id."""

    kind, reason = Kind.NOT_FOUND, "DATASET_NOT_FOUND"


class DatasetInUse(DomainError):
    """Another holder has a lease on the dataset."""

    kind, reason = Kind.CONFLICT, "DATASET_IN_USE"


class ColumnNotFound(DomainError):
    """The dataset has no column of this name: `column`."""

    kind, reason = Kind.INVALID, "COLUMN_NOT_FOUND"


class ShareLinkNotFound(DomainError):
    """No link has this id or token."""

    kind, reason = Kind.NOT_FOUND, "SHARE_LINK_NOT_FOUND"


class ShareLinkExpired(DomainError):
    """The link has expired or was revoked."""

    kind, reason = Kind.GONE, "SHARE_LINK_EXPIRED"


class TooManyShareLinks(DomainError):
    """The dataset has reached its `limit` of valid links."""

    kind, reason = Kind.CONFLICT, "TOO_MANY_SHARE_LINKS"


class ToolNotFound(DomainError):
    """No analysis has this name."""

    kind, reason = Kind.NOT_FOUND, "TOOL_NOT_FOUND"


class ToolRefused(DomainError):
    """The arguments of an analysis do not fit the data; the message says what would."""

    kind, reason = Kind.INVALID, "TOOL_REFUSED"
