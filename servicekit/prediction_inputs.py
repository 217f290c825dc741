"""The inputs of a prediction as columns of a table: their names, and which of them a table must have."""

from collections.abc import Collection

OCCURRED_AT = "occurred_at"
"""Date and hour in one column, or the date alone beside a column with the hour."""
LABELS = ("weather", "road_surface", "road_type", "accident_type", "district")
MOMENT = ("accident_year", "accident_month", "accident_day", "accident_hour")
DERIVED = ("day_of_week", "time_period")
"""Follow from date and hour where a table does not have them."""
INPUTS = (OCCURRED_AT, *MOMENT, *LABELS, *DERIVED)


def missing_inputs(named: Collection[str], *, is_date_only: bool = False) -> list[str]:
    """Returns the inputs that still need a column; `is_date_only` tells that OCCURRED_AT has no hours."""
    known = set(named)
    if OCCURRED_AT in known:
        known.update(MOMENT[:3] if is_date_only else MOMENT)
    parts = [name for name in MOMENT if name not in known]
    moment = [OCCURRED_AT] if len(parts) == len(MOMENT) else parts
    return [*moment, *(name for name in LABELS if name not in known)]


def lacks_hours(*, is_date: bool, minimum: str) -> bool:
    """Tells whether a column of a profile has dates without a time of day; `minimum` is its least value as text."""
    return is_date and ":" not in minimum
