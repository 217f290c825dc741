"""Converts between the contract of datasets and share links and the domain."""

from dataclasses import asdict
from typing import Any

from daegu.dataset.v1 import dataset_pb2, sharing_pb2

from dataset_service.reading.profile import Profile
from dataset_service.sharing.store import ShareLink
from dataset_service.storage.data_output import DataFormat
from dataset_service.storage.datasets import Selection
from dataset_service.storage.store import Dataset
from dataset_service.storage.uploads import UploadOrder
from dataset_service.text_gate import (
    LONGEST_DESCRIPTION,
    LONGEST_KEY,
    LONGEST_NAME,
    checked_line,
    checked_text,
    display_file_name,
)
from servicekit.errors import field_refused
from servicekit.timestamps import timestamp_to_proto
from servicekit.visible_text import visible_line

_LONGEST_ENCODING = 40
_MOST_SELECTED = 1_000


def upload_order_from_proto(message: dataset_pb2.UploadDescription) -> UploadOrder:
    """Reads the metadata of an upload. Raises `REQUEST_INVALID`."""
    file_name = display_file_name(message.file_name)
    name = checked_line(message.name, "name", LONGEST_NAME)
    return UploadOrder(
        file_name=file_name,
        name=name or (file_name.rpartition(".")[0] or file_name)[:LONGEST_NAME].strip(),
        description=checked_text(message.description, "description", LONGEST_DESCRIPTION),
        encoding=checked_line(message.encoding, "encoding", _LONGEST_ENCODING),
        idempotency_key=checked_line(message.idempotency_key, "idempotency_key", LONGEST_KEY),
    )


def amend_order(order: UploadOrder, message: dataset_pb2.UploadEnd) -> None:
    """Applies the name and the description that arrived after the bytes. Raises `REQUEST_INVALID`."""
    order.name = checked_line(message.name, "name", LONGEST_NAME) or order.name
    order.description = checked_text(message.description, "description", LONGEST_DESCRIPTION) or order.description


def selection_from_proto(message: dataset_pb2.ReadDatasetRequest) -> Selection:
    """Reads the selection of columns and rows. Raises `REQUEST_INVALID`."""
    for field, number in (("limit", message.limit), ("offset", message.offset)):
        if number < 0:
            raise field_refused(field, "NUMBER_OUT_OF_RANGE", "from 0")
    if len(message.columns) > _MOST_SELECTED:
        raise field_refused("columns", "NUMBER_OUT_OF_RANGE", f"at most {_MOST_SELECTED}")
    return Selection(tuple(message.columns), message.limit, message.offset)


def data_format_from_proto(value: dataset_pb2.DataFormat.ValueType) -> DataFormat:
    """Reads the output format. Raises `REQUEST_INVALID`."""
    if value == dataset_pb2.DATA_FORMAT_UNSPECIFIED:
        return DataFormat.ARROW
    try:
        return DataFormat[dataset_pb2.DataFormat.Name(value).removeprefix("DATA_FORMAT_")]
    except ValueError:
        raise field_refused("format", "NUMBER_OUT_OF_RANGE", "one of the enum") from None


def dataset_to_proto(dataset: Dataset) -> dataset_pb2.Dataset:
    """Converts a dataset without its rows."""
    return dataset_pb2.Dataset(
        dataset_id=dataset.id,
        name=visible_line(dataset.name),  # earlier versions stored them unchecked
        description=dataset.description,
        file_name=visible_line(dataset.file_name),
        rows=dataset.rows,
        columns=dataset.columns,
        size_bytes=dataset.size_bytes,
        uploaded_at=timestamp_to_proto(dataset.uploaded_at),
        encoding=dataset.encoding,
        delimiter=dataset.delimiter,
        content_hash=dataset.content_hash,
    )


def profile_to_proto(profile: Profile) -> dataset_pb2.Profile:
    """Converts the profile of the columns."""
    values: dict[str, Any] = {
        "columns": [
            {
                **asdict(column),
                "kind": f"COLUMN_KIND_{column.kind.name}",
                "minimum": column.minimum or None,
                "maximum": column.maximum or None,
            }
            for column in profile.columns
        ],
        "duplicate_rows": profile.duplicate_rows,
        "missing_cells": profile.missing_cells,
        "date_columns": profile.date_columns,
        "coordinates": profile.coordinates and profile.coordinates._asdict(),
        "district_column": profile.district_column or None,
        "prediction_columns": [column._asdict() for column in profile.prediction_columns],
        "warnings": [
            {**warning._asdict(), "line": warning.line or None, "column": warning.column or None}
            for warning in profile.warnings
        ],
    }
    return dataset_pb2.Profile(**values)


def link_to_proto(link: ShareLink) -> sharing_pb2.ShareLink:
    """Converts a link without its token."""
    return sharing_pb2.ShareLink(
        link_id=link.id,
        dataset_id=link.dataset_id,
        created_at=timestamp_to_proto(link.created_at),
        expires_at=timestamp_to_proto(link.expires_at),
        views=link.views,
        revoked_at=None if link.revoked_at is None else timestamp_to_proto(link.revoked_at),
    )
