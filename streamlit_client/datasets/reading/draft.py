"""The changes of a reading that a person looks at and has not taken yet."""

from collections.abc import Mapping
from typing import Any

from streamlit_client import state
from streamlit_client.backend.contract_datasets import Reading
from streamlit_client.parts.asking import give_up, start_over

Changes = Mapping[str, Any]
"""Parts of a reading, as the gateway takes them: None finds a part again."""

TAKE = "reading.take"
"""Name of the question to the gateway that reads the file with the changes."""


def find_draft(dataset_id: str) -> Changes:
    """Returns the changes, or none."""
    return state.recall(_key(dataset_id), dict) or {}


def add_changes(dataset_id: str, more: Changes) -> None:
    """Adds changes. Their effect is asked for in the next run."""
    state.remember(_key(dataset_id), merge_changes(find_draft(dataset_id), more))
    start_over(look_name(dataset_id))
    give_up(TAKE)


def drop_draft(dataset_id: str) -> None:
    """Forgets the changes."""
    state.forget(_key(dataset_id))
    start_over(look_name(dataset_id))
    give_up(TAKE)


def look_name(dataset_id: str) -> str:
    """Returns the name of the question to the gateway what the changes do."""
    return f"reading.look.{dataset_id}"


def merge_changes(changes: Changes, more: Changes) -> dict[str, Any]:
    """Returns changes that do the same as both, one after the other; columns are merged part by part."""
    columns = dict(changes.get("columns") or {})
    for name, parts in (more.get("columns") or {}).items():
        columns[name] = None if parts is None else {**(columns.get(name) or {}), **parts}
    return {**changes, **more, **({"columns": columns} if columns else {})}


def all_automatic(reading: Reading) -> Changes:
    """Returns the changes that find every part again that a person chose."""
    columns = {name: None for name, column in reading.columns.items() if column.chosen}
    chosen = dict.fromkeys(part for part in reading.chosen if part != "columns")
    return {**chosen, **({"columns": columns} if columns else {})}


def _key(dataset_id: str) -> str:
    return f"reading.draft.{dataset_id}"
