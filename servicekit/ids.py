"""Ids of rows: UUIDv7, so that they sort by the time they were made. PostgreSQL 16 cannot make them itself."""

from uuid import UUID

import uuid_utils

from servicekit.errors import FieldViolation, RequestInvalid


def new_id() -> str:
    """Returns a new UUIDv7 as text."""
    return str(uuid_utils.uuid7())


def parse_id(text: str, field: str) -> UUID:
    """Reads an id that a caller sent. Raises `RequestInvalid`, naming the field, when it is no UUID."""
    try:
        return UUID(text)
    except ValueError:
        violation = FieldViolation(field, "ID_INVALID", "not a UUID")
        raise RequestInvalid(f"{field} is not a UUID.", violations=(violation,)) from None
