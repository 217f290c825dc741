"""The date that the model is told."""

from datetime import date, datetime, timedelta, timezone

SEOUL = timezone(timedelta(hours=9))


def today() -> date:
    """Returns the date in Seoul."""
    return datetime.now(SEOUL).date()
