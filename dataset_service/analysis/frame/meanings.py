"""What may be calculated from the values of a column, by what they mean."""

from collections.abc import Mapping

from dataset_service.reading.columns.kinds import Meaning

NAMES = frozenset({Meaning.CODE, Meaning.SERIAL, Meaning.REGION, Meaning.POSITION, Meaning.PHONE, Meaning.ADDRESS})
"""Values that only tell things apart: they are counted and grouped by."""
DATE_PARTS = frozenset({Meaning.YEAR, Meaning.MONTH, Meaning.DAY, Meaning.HOUR})
"""Values with a first and a last one, but without a mean: 23 and 1 o'clock are two hours apart."""
PLACES = frozenset({Meaning.LATITUDE, Meaning.LONGITUDE, Meaning.METRES_X, Meaning.METRES_Y})
"""Values with a centre, but without a sum."""
_WITHOUT_SUM = PLACES | {Meaning.AGE}
SUFFIXES: Mapping[str, str] = {Meaning.YEAR: "년", Meaning.MONTH: "월", Meaning.DAY: "일", Meaning.HOUR: "시"}
"""How parts of dates may be written in a condition."""


def allows(meaning: str, operation: str) -> bool:
    """Tells whether an operation of `group_by_aggregate` makes sense of values with this meaning.

    Other statistics are allowed where a mean is. A sum of percentages is allowed: they may be parts of one whole.
    """
    if operation == "count":
        return True
    if meaning in DATE_PARTS:
        return operation in ("min", "max")
    return meaning not in NAMES and (operation != "sum" or meaning not in _WITHOUT_SUM)
