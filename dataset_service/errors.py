"""Facts the dataset service refuses with."""

from enum import StrEnum

from servicekit.errors import DomainError, Kind


class CsvProblem(StrEnum):
    """What makes a file unreadable: the fact `problem` of `CsvUnreadable`. Below each: the further facts it carries."""

    EMPTY = "EMPTY"
    """Nothing in it but white space."""
    NO_ROWS = "NO_ROWS"
    """A header and nothing else."""
    ENCODING = "ENCODING"
    """Bytes that are no text in the encoding: `line`, `encoding`."""
    ENCODING_UNKNOWN = "ENCODING_UNKNOWN"
    """An encoding that is not known: `encoding`."""
    NUL = "NUL"
    """A NUL character in what is text otherwise: `line`."""
    QUOTE_UNCLOSED = "QUOTE_UNCLOSED"
    """A quotation mark that is never closed: `line`, where it opens."""
    RAGGED = "RAGGED"
    """A row with more or fewer fields than the header: `line`, `found`, `expected`."""
    FIELD_TOO_LONG = "FIELD_TOO_LONG"
    """A field longer than is read: `line`, `column`, `limit` in bytes."""
    TOO_WIDE = "TOO_WIDE"
    """More columns than are read: `limit`."""
    TOO_COMPLEX = "TOO_COMPLEX"
    """Reading it takes more time or memory than a file of this size may."""


class NotCsv(DomainError):
    """The file is something else, for example a spreadsheet, a picture or JSON: `found` says what."""

    kind, reason = Kind.INVALID, "NOT_CSV"


class CsvUnreadable(DomainError):
    """The file is text but no table that can be read. The fact `problem` is a `CsvProblem`; `line` counts from 1."""

    kind, reason = Kind.INVALID, "CSV_UNREADABLE"


class FileTooLarge(DomainError):
    """The file has more bytes than are taken: `limit`."""

    kind, reason = Kind.TOO_LARGE, "FILE_TOO_LARGE"


class UploadIncomplete(DomainError):
    """The stream of an upload ended without the message that says that all has been sent, or after other bytes."""

    kind, reason = Kind.INVALID, "UPLOAD_INCOMPLETE"


class IdempotencyKeyReused(DomainError):
    """The key was used before, with another file or other fields."""

    kind, reason = Kind.INVALID, "IDEMPOTENCY_KEY_REUSED"


class UploadsBusy(DomainError):
    """As many uploads as are taken at once are under way."""

    kind, reason = Kind.BUSY, "UPLOADS_BUSY"


class DownloadsBusy(DomainError):
    """As many streams of data as are sent at once are going out."""

    kind, reason = Kind.BUSY, "SERVICE_BUSY"


class StorageUnavailable(DomainError):
    """The folder of the files cannot be written or read."""

    kind, reason = Kind.UNAVAILABLE, "STORAGE_UNAVAILABLE"


class StorageFull(StorageUnavailable):
    """The disk has no room for more files; what is there can be read."""

    kind, reason = Kind.UNAVAILABLE, "STORAGE_FULL"


class DatasetDamaged(DomainError):
    """The stored upload is no longer what was uploaded, and the table made of it cannot be used without it."""

    kind, reason = Kind.CONFLICT, "DATASET_DAMAGED"


class TableDamaged(Exception):
    """The Parquet file of a dataset is not what was written. It never leaves the service: the file is made anew."""


class TableReplaced(Exception):
    """A dataset has another Parquet file than the one that was to be replaced."""


class DatasetNotFound(DomainError):
    """No dataset has this id."""

    kind, reason = Kind.NOT_FOUND, "DATASET_NOT_FOUND"


class DatasetInUse(DomainError):
    """Somebody holds a lease on the dataset."""

    kind, reason = Kind.CONFLICT, "DATASET_IN_USE"


class ColumnNotFound(DomainError):
    """The dataset has no column of this name: `column`."""

    kind, reason = Kind.INVALID, "COLUMN_NOT_FOUND"


class ShareLinkNotFound(DomainError):
    """No link has this id or token."""

    kind, reason = Kind.NOT_FOUND, "SHARE_LINK_NOT_FOUND"


class ShareLinkExpired(DomainError):
    """The link has run out or was revoked."""

    kind, reason = Kind.GONE, "SHARE_LINK_EXPIRED"


class TooManyShareLinks(DomainError):
    """The dataset has as many live links as it may have: `limit`."""

    kind, reason = Kind.CONFLICT, "TOO_MANY_SHARE_LINKS"


class ToolNotFound(DomainError):
    """No analysis has this name."""

    kind, reason = Kind.NOT_FOUND, "TOOL_NOT_FOUND"


class ToolRefused(DomainError):
    """The arguments of an analysis do not fit the data; the message teaches what would."""

    kind, reason = Kind.INVALID, "TOOL_REFUSED"
