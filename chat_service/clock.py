"""The date that the model is told."""

from datetime import UTC, date, datetime, timedelta, timezone

SEOUL = timezone(timedelta(hours=9))


def date_in_seoul(moment: datetime) -> date:
    """Returns the date of a moment in Seoul."""
    return moment.astimezone(SEOUL).date()


def today() -> date:
    """Returns the date in Seoul."""
    return date_in_seoul(datetime.now(UTC))
