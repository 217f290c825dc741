"""The ways in which a person can choose rows by a column: which are offered follows from what the column holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile

WayKind = Literal["values", "numbers", "dates", "period", "words", "missing"]
_LEVELS = texts_explore.REGION_LEVELS


@dataclass(frozen=True, slots=True)
class Way:
    """A way to choose rows; `column` is the name that the condition has, which may be derived."""

    label: str
    column: str
    kind: WayKind


def ways_of(column: Column, profile: Profile) -> Sequence[Way]:
    """Returns the ways to choose rows by a column, the most usual first."""
    name = column.name
    values = Way(texts_explore.BY_VALUE, name, "values")
    parts = [Way(part, f"{name}:{part}", "values") for part in (*_date_parts(column), *_levels(column, profile))]
    match column.type:
        case "date" if column.precision is None:
            ways = [Way(texts_explore.BY_DATES, name, "dates"), *parts]
        case "date":
            ways = [Way(texts_explore.BY_DATES, name, "period"), *parts, values]
        case "time":
            ways = [Way(texts_explore.BY_DATES, name, "period"), values]
        case "integer" | "number":
            is_place = column.meaning in ("latitude", "longitude")
            ways = [*parts, Way(texts_explore.BY_NUMBERS, name, "numbers"), *(() if is_place else (values,))]
        case "boolean":
            ways = [values]
        case _:
            ways = [*parts, values, Way(texts_explore.BY_WORDS, name, "words")]
    return (*ways, Way(texts_explore.BY_MISSING, name, "missing")) if column.missing else tuple(ways)


def _date_parts(column: Column) -> Sequence[str]:
    if column.type != "date":
        return ()
    is_moment = ":" in (column.maximum or "")
    return texts_explore.PARTS_OF_DATES[column.precision or ("moment" if is_moment else "day")]


def _levels(column: Column, profile: Profile) -> Sequence[str]:
    """Returns the levels of regions that a column tells: as deep as the dataset's, all of an address or a position."""
    regions, place = profile.regions, profile.coordinates
    if regions is not None and column.name in regions.columns and regions.level in _LEVELS:
        return list(_LEVELS.values())[: list(_LEVELS).index(regions.level) + 1]
    is_position = place is not None and column.name == place.latitude
    return list(_LEVELS.values()) if is_position or column.meaning == "address" else ()
