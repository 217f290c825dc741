"""How the file of a dataset was read, and what a person changes about it; a change is looked at before it is taken."""

import json

import streamlit as st

from servicekit.korean_text.particles import choose_particles
from streamlit_client import state, texts_datasets, texts_reading
from streamlit_client.backend.contract_datasets import Profile, ReadingPreview
from streamlit_client.datasets.quality import show_column_info, show_figures
from streamlit_client.datasets.reading.controls import show_controls
from streamlit_client.datasets.reading.draft import TAKE, Changes, drop_draft, find_draft, look_name
from streamlit_client.datasets.reading.original import show_original
from streamlit_client.datasets.reading.part_words import part_name
from streamlit_client.datasets.reading.repairs import show_choices, show_repairs
from streamlit_client.parts.asking import ask, ask_once
from streamlit_client.parts.elements import announce
from streamlit_client.parts.shown_text import plain_text

_PREVIEWS, _TAKEN = "reading.previews", "reading.taken"
_MOST_NAMED = 8
_MOST_PREVIEWS = 2  # how the file is read, and how it would be


@st.fragment
def show_reading(profile: Profile) -> None:
    """Draws the repairs, what a person may choose, the original beside the table, and the columns."""
    draft = find_draft(profile.dataset_id)
    above, effect = st.container(), st.container()
    with effect:  # beside the fields that ask for it
        preview = _look(profile, draft)
    is_refused = preview is None
    if is_refused:
        preview = _find_preview(profile, {})
    shown = profile if preview is None else preview.profile_of(profile)
    with above:
        show_figures(shown)
        if state.take(_TAKEN, bool):
            st.success(texts_reading.TAKEN, icon=":material/check_circle:")
            announce(texts_reading.TAKEN)
        show_repairs(shown)
        if preview is not None:
            show_choices(profile.dataset_id, preview.reading)
            show_controls(shown, preview.reading, draft if is_refused else {})
    with effect:
        if draft:
            _offer_draft(profile, draft, None if is_refused else shown)
    if preview is not None:
        show_original(profile.dataset_id, preview)
    st.subheader(texts_reading.COLUMN_INFO, anchor=False)
    show_column_info(shown, key=f"columns.{profile.dataset_id}")
    _show_finds(shown)


def _look(profile: Profile, changes: Changes) -> ReadingPreview | None:
    """Returns the effect of changes, which is asked for once; or draws the error."""
    kept = _find_preview(profile, changes)
    if kept is not None:
        return kept
    preview = ask(
        look_name(profile.dataset_id),
        lambda: state.datasets().preview_reading(profile.dataset_id, changes),
        waiting=texts_reading.LOOKING,
        subject=part_name,
    )
    if preview is not None:
        _keep_preview(profile, changes, preview)
    return preview


def _offer_draft(profile: Profile, draft: Changes, changed: Profile | None) -> None:
    """Draws what the changes do, and the buttons that take or drop them."""
    dataset_id = profile.dataset_id
    if changed is not None:
        effect = texts_reading.EFFECT.format(before=_size(profile), after=_size(changed))
        different = _different_columns(profile, changed)
        if different:
            effect += texts_reading.EFFECT_COLUMNS.format(names=", ".join(map(plain_text, different[:_MOST_NAMED])))
        st.info(effect, icon=":material/preview:")
        announce(effect)
    with st.container(horizontal=True):
        is_taken = changed is not None and st.button(
            texts_reading.TAKE, key="reading.take.button", type="primary", icon=":material/check:"
        )
        st.button(
            texts_reading.DROP, key="reading.drop", icon=":material/close:", on_click=drop_draft, args=(dataset_id,)
        )
    reread = ask_once(
        TAKE,
        dataset_id,
        draft,
        lambda changes: state.datasets().reread(dataset_id, changes),
        is_pressed=is_taken,
        waiting=texts_reading.REREADING,
        subject=part_name,
    )
    if reread is not None:
        preview = _find_preview(profile, draft)
        if preview is not None:
            _keep_preview(reread, {}, preview)
        drop_draft(dataset_id)
        state.remember(_TAKEN, True)
        st.rerun()


def _different_columns(before: Profile, after: Profile) -> list[str]:
    """Returns the names of the columns that are new, or of which something else is known."""
    known = {
        (column.name, column.type, column.meaning, column.unit, column.precision) for column in before.columns_info
    }
    return [
        column.name
        for column in after.columns_info
        if (column.name, column.type, column.meaning, column.unit, column.precision) not in known
    ]


def _show_finds(profile: Profile) -> None:
    encoding = texts_datasets.ENCODINGS.get(profile.encoding, profile.encoding)
    finds = [choose_particles(texts_reading.READ_AS.format(encoding=encoding))]
    if profile.date_columns:
        finds.append(texts_reading.FOUND_DATES.format(names=", ".join(map(plain_text, profile.date_columns))))
    if profile.coordinates:
        pair = profile.coordinates
        finds.append(
            texts_reading.FOUND_COORDINATES.format(
                latitude=plain_text(pair.latitude), longitude=plain_text(pair.longitude)
            )
        )
    if profile.district_column:
        finds.append(texts_reading.FOUND_DISTRICT.format(name=plain_text(profile.district_column)))
    st.caption(" · ".join(finds))


def _size(profile: Profile) -> str:
    return texts_reading.SIZE.format(rows=profile.rows, columns=profile.columns)


def _find_preview(profile: Profile, changes: Changes) -> ReadingPreview | None:
    return (state.recall(_PREVIEWS, dict) or {}).get(_key(profile, changes))


def _keep_preview(profile: Profile, changes: Changes, preview: ReadingPreview) -> None:
    """Keeps an answer in the session, and one before it: each may have a megabyte."""
    previews = {**(state.recall(_PREVIEWS, dict) or {}), _key(profile, changes): preview}
    state.remember(_PREVIEWS, dict(list(previews.items())[-_MOST_PREVIEWS:]))


def _key(profile: Profile, changes: Changes) -> str:
    return json.dumps([profile.dataset_id, profile.content_hash, changes], sort_keys=True)
