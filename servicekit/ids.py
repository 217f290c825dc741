"""Ids of rows: UUIDv7, which sort by creation time. PostgreSQL 16 cannot generate them."""

from uuid import UUID

import uuid_utils

from servicekit.errors import field_refused


def new_id() -> str:
    """Returns a new UUIDv7 as text."""
    return str(uuid_utils.uuid7())


def parse_id(text: str, field: str) -> UUID:
    """Parses an id sent by a caller. Raises `REQUEST_INVALID`, with the field, when it is not a UUID."""
    try:
        return UUID(text)
    except ValueError:
        raise field_refused(field, "ID_INVALID", "not a UUID") from None
