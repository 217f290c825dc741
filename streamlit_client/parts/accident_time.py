"""Derives the weekday and the time period of an accident."""

from datetime import date, datetime, timedelta, timezone

from streamlit_client import texts

SEOUL = timezone(timedelta(hours=9), "KST")


def today() -> date:
    """Returns the date in Daegu, wherever the server runs."""
    return datetime.now(SEOUL).date()


def weekday_of(day: date) -> str:
    """Returns the weekday in the form of the records."""
    return texts.WEEKDAYS[day.weekday()]


def time_period_of(hour: int) -> str:
    """Returns the time period that an hour (0 to 23) belongs to."""
    if 7 <= hour <= 9:
        return texts.RUSH_IN
    if 17 <= hour <= 19:
        return texts.RUSH_OUT
    return texts.NIGHT if hour >= 22 or hour <= 5 else texts.ORDINARY
