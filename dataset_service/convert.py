"""Converts between the contract of datasets and share links and the domain."""

from collections.abc import Mapping

from daegu.dataset.v1 import dataset_pb2, sharing_pb2

from dataset_service.reading.column_types import ColumnKind
from dataset_service.reading.profile import ColumnProfile, Profile
from dataset_service.reading.warning import DatasetWarning
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

_KINDS = {
    ColumnKind.INTEGER: dataset_pb2.COLUMN_KIND_INTEGER,
    ColumnKind.NUMBER: dataset_pb2.COLUMN_KIND_NUMBER,
    ColumnKind.TEXT: dataset_pb2.COLUMN_KIND_TEXT,
    ColumnKind.DATE: dataset_pb2.COLUMN_KIND_DATE,
    ColumnKind.BOOLEAN: dataset_pb2.COLUMN_KIND_BOOLEAN,
}
_FORMATS: Mapping[int, DataFormat] = {
    dataset_pb2.DATA_FORMAT_UNSPECIFIED: DataFormat.ARROW,
    dataset_pb2.DATA_FORMAT_ARROW: DataFormat.ARROW,
    dataset_pb2.DATA_FORMAT_CSV: DataFormat.CSV,
    dataset_pb2.DATA_FORMAT_JSON: DataFormat.JSON,
    dataset_pb2.DATA_FORMAT_UNGUARDED_CSV: DataFormat.UNGUARDED_CSV,
}
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


def data_format_from_proto(value: int) -> DataFormat:
    """Reads the output format. Raises `REQUEST_INVALID`."""
    found = _FORMATS.get(value)
    if found is None:
        raise field_refused("format", "NUMBER_OUT_OF_RANGE", "one of the enum")
    return found


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
    coordinates = profile.coordinates
    return dataset_pb2.Profile(
        columns=[_column_to_proto(column) for column in profile.columns],
        duplicate_rows=profile.duplicate_rows,
        missing_cells=profile.missing_cells,
        date_columns=profile.date_columns,
        coordinates=None
        if coordinates is None
        else dataset_pb2.CoordinateColumns(latitude=coordinates.latitude, longitude=coordinates.longitude),
        district_column=profile.district_column or None,
        prediction_columns=[
            dataset_pb2.PredictionColumn(input=found.input, column=found.column) for found in profile.prediction_columns
        ],
        warnings=[_warning_to_proto(warning) for warning in profile.warnings],
    )


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


def _column_to_proto(column: ColumnProfile) -> dataset_pb2.Column:
    return dataset_pb2.Column(
        name=column.name,
        kind=_KINDS[column.kind],
        unique=column.unique,
        missing=column.missing,
        samples=column.samples,
        minimum=column.minimum or None,
        maximum=column.maximum or None,
    )


def _warning_to_proto(warning: DatasetWarning) -> dataset_pb2.DatasetWarning:
    return dataset_pb2.DatasetWarning(
        reason=warning.reason,
        line=warning.line or None,
        column=warning.column or None,
        given=warning.given,
        used=warning.used,
    )
