from datetime import UTC, date, datetime

import pytest

from chat_service.clock import date_in_seoul


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 30, 14, 59, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 30, 15, 0, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_day_begins_at_midnight_in_seoul(moment: datetime, day: date) -> None:
    assert date_in_seoul(moment) == day
