"""The rules that tell what the values of a column mean, by its name, its unit and the values themselves."""

from collections.abc import Callable, Sequence

import pyarrow as pa

from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.meanings.amounts import find_amount
from dataset_service.reading.columns.meanings.codes import find_code, is_code
from dataset_service.reading.columns.meanings.contacts import find_contact, is_phone
from dataset_service.reading.columns.meanings.date_parts import find_date_part
from dataset_service.reading.columns.meanings.degrees import are_degrees
from dataset_service.reading.columns.meanings.facts import Facts

_RULES: Sequence[Callable[[Facts], Meaning | None]] = (find_contact, find_code, find_date_part, find_amount)
"""The first that finds a meaning wins."""


def are_names(name: str, texts: pa.Array) -> bool:
    """Tells whether texts that may look like numbers or dates are to stay text: codes, telephone numbers, degrees.

    `texts` are distinct, in order of appearance, without those for no value.
    """
    return is_phone(name, texts) or is_code(name, texts) or are_degrees(name, texts)


def find_meaning(name: str, kind: ColumnKind, unit: str, values: pa.Array) -> str:
    """Returns the `Meaning` of a column with these distinct values, empty text if it has none."""
    facts = Facts(name, kind, unit, values)
    return next((str(meaning) for rule in _RULES if (meaning := rule(facts))), "")
