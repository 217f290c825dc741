"""Formats values for display."""

from datetime import date, datetime, timedelta

from streamlit_client import texts
from streamlit_client.backend.contract import Accident, Model, Prediction
from streamlit_client.parts.accident_time import SEOUL

_MINUTE = 60
_KILOBYTE, _MEGABYTE = 1024, 1024 * 1024


def moment_text(moment: datetime, *, has_weekday: bool = True) -> str:
    """Formats a moment in Seoul time, to the minute: `2024-03-05 (화) 14:03`."""
    local = moment.astimezone(SEOUL)
    return f"{day_text(local.date(), has_weekday=has_weekday)} {local:%H:%M}"


def clock_text(moment: datetime) -> str:
    """Returns the time of day in Seoul, to the second."""
    return f"{moment.astimezone(SEOUL):%H:%M:%S}"


def day_text(day: date, *, has_weekday: bool = True) -> str:
    """Returns a date, with the short name of its weekday if wanted."""
    return f"{day:%Y-%m-%d} ({texts.WEEKDAYS[day.weekday()][0]})" if has_weekday else f"{day:%Y-%m-%d}"


def accident_moment_text(accident: Accident, *, has_weekday: bool = True) -> str:
    """Returns when an accident happened, in the form of the records."""
    day = date(accident.accident_year, accident.accident_month, accident.accident_day)
    return f"{day_text(day, has_weekday=has_weekday)} {texts.HOUR_VALUE.format(hour=accident.accident_hour)}"


def conditions_text(accident: Accident) -> str:
    """Describes the accident on one line."""
    return texts.CONDITIONS.format(moment=accident_moment_text(accident), **accident.model_dump())


def duration_text(duration: timedelta) -> str:
    """Returns an approximate duration, at least one second."""
    seconds = max(1, round(duration.total_seconds()))
    if seconds < 2 * _MINUTE:
        return texts.SECONDS_LEFT.format(seconds=seconds)
    return texts.MINUTES_LEFT.format(minutes=round(seconds / _MINUTE))


def severity_text(interpretation: str, model: Model) -> str:
    """Returns the severity word with its symbol."""
    icons = {band.interpretation: icon for band, icon in zip(model.bands, texts.BAND_ICONS, strict=False)}
    return f"{icons.get(interpretation, '')} {interpretation}".strip()


def range_text(prediction: Prediction) -> str:
    """Returns the range as one text."""
    return texts.RANGE_CELL.format(low=prediction.range.low, high=prediction.range.high)


def size_text(size_bytes: int) -> str:
    """Returns the size of a file: `10.0 MB`, `312 KB`."""
    if size_bytes >= _MEGABYTE:
        return f"{size_bytes / _MEGABYTE:.1f} MB"
    return f"{max(1, round(size_bytes / _KILOBYTE))} KB"
