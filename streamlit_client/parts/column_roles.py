"""Ranks the columns of a dataset by suitability, for the default choices of forms."""

from streamlit_client.backend.contract_datasets import Column, Profile

MOST_LABELS = 40
"""Columns with more distinct values are not offered as labels to group by."""
_LEAST_ROWS = 20
_KEYS = ("code", "serial", "phone", "address")
_PARTS_OF_DATES = ("year", "month", "day", "hour")
_PLACES = ("latitude", "longitude", "metres_x", "metres_y", "position")


def columns_for(kind: str, profile: Profile) -> list[str]:
    """Returns all column names, those of the kind first: `number` (amounts), `label`, `date`, or any but keys.

    Behind the numbers that suit best come those with few values: a tool for numbers takes them too.
    """

    def rank(column: Column) -> tuple[bool, bool]:
        return not _suits(kind, column, profile), kind != "number" or not is_number(column) or is_place(column)

    return [column.name for column in sorted(profile.columns_info, key=rank)]


def suitable_columns(kind: str, profile: Profile) -> list[str]:
    """Returns the names of the columns of a kind, in the order of the file."""
    return [column.name for column in profile.columns_info if _suits(kind, column, profile)]


def _suits(kind: str, column: Column, profile: Profile) -> bool:
    if kind == "date":
        return column.name in profile.date_columns
    if is_place(column) or _is_key(column, profile):
        return False
    match kind:
        case "number":
            return is_number(column) and column.unique > 2
        case "label":
            return column.type in ("text", "boolean") and 1 < column.unique <= MOST_LABELS
    return True


def is_place(column: Column) -> bool:
    """Whether the values of a column are positions, or a coordinate of them."""
    return column.meaning in _PLACES


def is_number(column: Column) -> bool:
    """Whether the values of a column are numbers that have a mean."""
    return column.type in ("integer", "number") and column.meaning not in (*_KEYS, *_PARTS_OF_DATES)


def _is_key(column: Column, profile: Profile) -> bool:
    if column.meaning is not None:
        return column.meaning in _KEYS
    is_different_everywhere = column.unique == profile.rows - column.missing and profile.rows >= _LEAST_ROWS
    return column.type == "text" and is_different_everywhere
