"""Ranks the columns of a dataset by suitability, for the default choices of forms."""

import re

from streamlit_client import texts_chat
from streamlit_client.backend.contract_datasets import Column, Profile

MOST_LABELS = 40
"""Columns with more distinct values are not offered as labels to group by."""
_LEAST_ROWS = 20
_KEY_NAME = re.compile(texts_chat.KEY_NAMES, re.IGNORECASE)


def columns_for(kind: str, profile: Profile) -> list[str]:
    """Returns all column names, those of the kind first: `number` (amounts), `label`, `date`, or any but keys."""
    return [
        column.name for column in sorted(profile.columns_info, key=lambda column: not _suits(kind, column, profile))
    ]


def suitable_columns(kind: str, profile: Profile) -> list[str]:
    """Returns the names of the columns of a kind, in the order of the file."""
    return [column.name for column in profile.columns_info if _suits(kind, column, profile)]


def _suits(kind: str, column: Column, profile: Profile) -> bool:
    if kind == "date":
        return column.name in profile.date_columns
    if _is_key(column, profile) or _is_position(column, profile):
        return False
    match kind:
        case "number":
            is_amount = not re.search(texts_chat.DATE_PART_NAMES, column.name)
            return is_amount and column.type in ("integer", "number") and column.unique > 2
        case "label":
            return column.type in ("text", "boolean") and 1 < column.unique <= MOST_LABELS
    return True


def is_key_name(name: str) -> bool:
    """Whether the name is that of an identifier, whose values are not amounts."""
    return bool(_KEY_NAME.search(name))


def _is_key(column: Column, profile: Profile) -> bool:
    is_different_everywhere = column.unique == profile.rows - column.missing and profile.rows >= _LEAST_ROWS
    return is_key_name(column.name) or (column.type in ("text", "integer") and is_different_everywhere)


def _is_position(column: Column, profile: Profile) -> bool:
    pair = profile.coordinates
    return pair is not None and column.name in (pair.latitude, pair.longitude)
