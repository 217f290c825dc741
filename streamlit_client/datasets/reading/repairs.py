"""What was mended while reading, each with its way back, and what a person chose."""

import streamlit as st

from streamlit_client import texts_reading
from streamlit_client.backend.contract_datasets import DatasetWarning, Profile, Reading
from streamlit_client.datasets.reading.draft import Changes, add_changes, all_automatic
from streamlit_client.datasets.reading.part_words import value_text
from streamlit_client.parts.shown_text import plain_text

REPAIRS = "repairs"
"""The anchor of the repairs within the page."""
_MOST_SHOWN = 8


def show_repairs(profile: Profile) -> None:
    """Draws a sentence for each warning, with a button where it can be taken back."""
    if not profile.warnings:
        st.caption(f":material/check: {texts_reading.TIDY}")
        return
    with st.container(border=True):
        st.subheader(texts_reading.REPAIRS, anchor=REPAIRS)
        for number, warning in enumerate(profile.warnings[:_MOST_SHOWN]):
            _show_repair(profile.dataset_id, number, warning)
        rest = profile.warnings[_MOST_SHOWN:]
        if rest:
            with st.expander(texts_reading.MORE_REPAIRS.format(count=len(rest)), key="reading.more"):
                for number, warning in enumerate(rest, _MOST_SHOWN):
                    _show_repair(profile.dataset_id, number, warning)


def _show_repair(dataset_id: str, number: int, warning: DatasetWarning) -> None:
    offer = texts_reading.OFFERS.get(warning.code)
    icon = "table_view" if offer else "build" if warning.undo is not None else "info"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/{icon}: {plain_text(warning.message)}", width="stretch")
        if warning.undo is not None:
            key = f"reading.undo.{number}"
            _change_button(
                offer or texts_reading.UNDO, dataset_id, warning.undo, key=key, icon="table_view" if offer else "undo"
            )


def show_choices(dataset_id: str, reading: Reading) -> None:
    """Draws what a person chose, with the buttons that give it back."""
    chosen: list[tuple[str, str, Changes]] = [
        (texts_reading.PARTS[part], value_text(part, getattr(reading, part)), {part: None})
        for part in reading.chosen
        if part in texts_reading.PARTS
    ]
    chosen += [
        (
            texts_reading.COLUMN_PART.format(column=name, part=part_words),
            value_text(part, getattr(column, part)),
            {"columns": {name: {part: None}}},
        )
        for name, column in reading.columns.items()
        for part, part_words in texts_reading.COLUMN_PARTS.items()
        if part in column.chosen
    ]
    if not chosen:
        return
    with st.container(border=True):
        st.subheader(texts_reading.CHOSEN, anchor=False)
        for number, (name, value, back) in enumerate(chosen):
            with st.container(horizontal=True, vertical_alignment="center"):
                line = texts_reading.CHOSEN_PART.format(name=plain_text(name), value=plain_text(value))
                st.markdown(f":material/person: {line}", width="stretch")
                _change_button(texts_reading.AUTOMATIC, dataset_id, back, key=f"reading.automatic.{number}")
        if len(chosen) > 1:
            _change_button(texts_reading.ALL_AUTOMATIC, dataset_id, all_automatic(reading), key="reading.automatic")


def _change_button(label: str, dataset_id: str, changes: Changes, *, key: str, icon: str = "undo") -> None:
    st.button(label, key=key, icon=f":material/{icon}:", on_click=add_changes, args=(dataset_id, changes))
