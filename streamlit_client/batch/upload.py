"""Turns a file into a running batch: reads it, maps its columns, shows a preview, sends it."""

import re
from dataclasses import dataclass, replace
from threading import Lock

import pandas as pd
import streamlit as st

from streamlit_client import state, texts
from streamlit_client.files.column_choice import connect_columns
from streamlit_client.files.csv_columns import MOMENT, SOURCE_NAMES, ReadAccidents, read_accidents
from streamlit_client.files.csv_file import CsvRefused, CsvTable, read_csv
from streamlit_client.files.csv_output import template_csv
from streamlit_client.files.file_choice import Order, choose_file
from streamlit_client.files.held_files import Claim, held_files
from streamlit_client.files.upload_routes import FILE_PATH
from streamlit_client.parts.asking import ask_once
from streamlit_client.parts.elements import show_download
from streamlit_client.parts.shown_text import plain_text

_UPLOAD, _SENT = "batch.upload", "batch.sent"
_REFUSED = "batch.refused"
_one_at_a_time = Lock()  # reading a file takes six times its size in memory
_SUFFIXES = ("", ".csv", ".tsv", ".txt")
_ORDER = Order(1, FILE_PATH, "")  # sent as soon as the file is chosen
_PREVIEW_ROWS = 5
_MOST_UNREADABLE = 5
_ITEM_FIELD = re.compile(r"accidents\.(\d+)\.(\w+)")


@dataclass(frozen=True, slots=True)
class Upload:
    """A parsed file, kept so that a click does not parse it again."""

    file_id: str
    name: str
    table: CsvTable
    claim: Claim


@dataclass(frozen=True, slots=True)
class SentFile:
    """The file of a batch of this session, to which the results can be added."""

    batch_id: str
    upload: Upload
    read: ReadAccidents


def find_sent_file(batch_id: str) -> SentFile | None:
    """Returns the file of a batch, or None if another session sent it."""
    sent = state.recall(_SENT, SentFile)
    return sent if sent is not None and sent.batch_id == batch_id else None


def show_upload() -> str | None:
    """Draws the steps from a file to a batch. Returns the id of the batch once it exists."""
    upload = _choose_file()
    if upload is None:
        return None
    st.markdown(
        texts.FILE_READ.format(
            name=plain_text(upload.name),
            rows=len(upload.table.rows),
            columns=len(upload.table.columns),
            encoding=texts.ENCODINGS[upload.table.encoding],
        )
    )
    columns = connect_columns(upload.table, upload.file_id)
    if columns is None:
        return None
    read = read_accidents(upload.table, columns)
    _show_read(upload.table, read)
    if not read.accidents:
        st.error(texts.NOTHING_READABLE, icon=":material/error:")
        return None
    return _submit(upload, read)


def _choose_file() -> Upload | None:
    file = choose_file(texts.UPLOAD, _ORDER, key="batch.file", suffixes=_SUFFIXES)
    show_download(
        texts.TEMPLATE, template_csv(), texts.TEMPLATE_FILE, key="batch.template", icon=":material/description:"
    )
    known = state.recall(_UPLOAD, Upload)
    if file is None or file.stored is None:
        state.forget(_UPLOAD)
        return None
    if known is not None and known.file_id == file.stored:
        return known
    refused = state.recall(_REFUSED, tuple)
    if refused is None or refused[0] != file.stored:
        try:
            upload = _read(file.stored, file.name)
        except CsvRefused as refusal:
            refused = (file.stored, str(refusal))
            state.remember(_REFUSED, refused)
        else:
            state.remember(_UPLOAD, upload)
            return upload
    st.error(plain_text(refused[1]), icon=":material/error:")
    return None


def _read(file_id: str, name: str) -> Upload:
    held = held_files.take(file_id)
    if held is None:
        raise CsvRefused(texts.FILE_GONE)
    with _one_at_a_time:
        return Upload(file_id, name, read_csv(held.content), held.claim)


def _show_read(table: CsvTable, read: ReadAccidents) -> None:
    if read.accidents:
        shown = read.accidents[:_PREVIEW_ROWS]
        st.caption(texts.READ_PREVIEW.format(rows=len(shown)))
        frame = pd.DataFrame([accident.model_dump() for accident in shown]).rename(columns=dict(texts.FIELD_NAMES))
        st.dataframe(
            frame,
            hide_index=True,
            column_config={texts.FIELD_NAMES[name]: st.column_config.NumberColumn(format="%d") for name in MOMENT},
        )
    if read.unreadable:
        lines = [
            "- "
            + texts.UNREADABLE_ROW.format(
                line=table.lines[row.row], name=SOURCE_NAMES[row.source], value=plain_text(row.value[:60])
            )
            for row in read.unreadable[:_MOST_UNREADABLE]
        ]
        if len(read.unreadable) > _MOST_UNREADABLE:
            lines.append(f"- {texts.MORE_DETAILS.format(count=len(read.unreadable) - _MOST_UNREADABLE)}")
        sentence = texts.UNREADABLE_ROWS.format(count=len(read.unreadable))
        st.warning("\n".join([sentence, "", *lines]), icon=":material/warning:")


def _submit(upload: Upload, read: ReadAccidents) -> str | None:
    count = len(read.accidents)
    label = texts.SUBMIT.format(count=count)
    batch_id = ask_once(
        "create_batch",
        upload.file_id,
        upload.file_id,
        lambda _file_id: state.gateway().create_batch(read.accidents),
        is_pressed=st.button(label, key="batch.submit", type="primary", icon=":material/play_arrow:"),
        waiting=texts.SUBMITTING.format(count=count),
        subject=_item_field,
        is_repeatable=False,
    )
    if batch_id is None:
        return None
    state.remember(_SENT, SentFile(batch_id, upload, replace(read, accidents=())))
    return batch_id


def _item_field(field: str) -> str:
    item = _ITEM_FIELD.fullmatch(field)
    if item is None:
        return texts.FIELD_NAMES[field]
    return texts.ITEM_FIELD.format(number=int(item[1]) + 1, name=texts.FIELD_NAMES[item[2]])
