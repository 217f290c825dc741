"""What is known of a column: the kind of its cells, what they mean, and how precise its dates are."""

from enum import StrEnum


class ColumnKind(StrEnum):
    """Type of the cells of a column."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    TIME = "time"
    """A time of day, kept as the text `HH:MM` or `HH:MM:SS`."""


class Meaning(StrEnum):
    """What the cells of a column say."""

    CODE = "code"
    """A name made of digits or signs, always text: it has no mean."""
    SERIAL = "serial"
    """A running number that only tells rows apart."""
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    AGE = "age"
    PERCENT = "percent"
    MONEY = "money"
    COUNT = "count"
    REGION = "region"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    METRES_X = "metres_x"
    """Metres to the east of the origin of a plane."""
    METRES_Y = "metres_y"
    """Metres to the north of it."""
    POSITION = "position"
    """Both coordinates in one cell."""
    PHONE = "phone"
    ADDRESS = "address"


class Precision(StrEnum):
    """How precise dates are that name no day. They are kept as their first moment."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
