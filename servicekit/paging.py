"""The page of a list that a request asks for, and cursors: where the next page goes on, however long the list is."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self
from uuid import UUID

from servicekit.errors import Refused, field_refused

MOST_SKIPPED = 1000
"""How far an offset reaches: skipping rows takes as long as reading them."""
MOST_COUNTED = 1000
"""How far a list is counted: a total of this many means at least this many."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def page_size(requested: int, field: str = "limit", *, most: int = 100, default: int = 20) -> int:
    """Returns how many items to list; `default` for 0. Raises `REQUEST_INVALID` outside 0 to `most`."""
    if not 0 <= requested <= most:
        raise field_refused(field, "NUMBER_OUT_OF_RANGE", f"from 0 to {most}")
    return requested or default


def page_offset(requested: int, after: str = "", *, most: int = MOST_SKIPPED) -> int:
    """Returns how many items to skip. Raises `REQUEST_INVALID` outside 0 to `most`, or beside a cursor."""
    if not 0 <= requested <= most:
        raise field_refused("offset", "OFFSET_TOO_FAR", f"from 0 to {most}; `after` goes further")
    if requested and after:
        raise field_refused("offset", "OFFSET_WITH_AFTER", "not beside `after`")
    return requested


class Place(NamedTuple):
    """A row of a list that is ordered by time and id; the next page begins behind it."""

    at: datetime
    id: str

    def cursor(self) -> str:
        """Returns the place as text."""
        return f"{(self.at - _EPOCH) // _MICROSECOND:x}.{UUID(self.id).hex}"

    @classmethod
    def read(cls, cursor: str, field: str = "after") -> Self | None:
        """Returns the place of a cursor, None for an empty one. Raises `REQUEST_INVALID` for what is no cursor."""
        if not cursor:
            return None
        at, _, row_id = cursor.partition(".")
        try:
            return cls(_EPOCH + int(at, 16) * _MICROSECOND, str(UUID(row_id)))
        except (ValueError, OverflowError):
            raise cursor_refused(field) from None


def index_after(cursor: str, field: str = "after") -> int:
    """Returns the number in the cursor of a numbered list, 0 for an empty one. Raises `REQUEST_INVALID`."""
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):  # fits into an int32
        raise cursor_refused(field)
    return int(cursor)


def cursor_refused(field: str = "after") -> Refused:
    """Returns the refusal of what is no cursor of the list."""
    return field_refused(field, "CURSOR_INVALID", "not the `next` of a page")
