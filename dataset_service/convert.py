"""Converts between the contract of datasets and share links and the domain."""

from collections.abc import Mapping
from typing import Any

import orjson
from daegu.dataset.v1 import dataset_pb2, sharing_pb2
from google.protobuf.message import Message

from dataset_service.reading.choices import refuse_impossible
from dataset_service.reading.columns.profile import Profile
from dataset_service.reading.preview import Preview
from dataset_service.reading.reading import ColumnReading, Reading
from dataset_service.sharing.store import ShareLink
from dataset_service.storage.data_output import DataFormat
from dataset_service.storage.datasets import Selection
from dataset_service.storage.store import Dataset
from dataset_service.storage.uploads import UploadOrder
from servicekit.errors import field_refused
from servicekit.messages import to_message
from servicekit.text_gate import (
    LONGEST_DESCRIPTION,
    LONGEST_KEY,
    LONGEST_NAME,
    checked_line,
    checked_text,
    display_file_name,
)
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
        is_temporary=message.temporary,
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
    return Selection(tuple(message.columns), message.limit, message.offset, message.region_codes)


def region_level_from_proto(value: dataset_pb2.RegionLevel.ValueType) -> str:
    """Reads a level of regions, empty text if it is unspecified. Raises `REQUEST_INVALID`."""
    if value == dataset_pb2.REGION_LEVEL_UNSPECIFIED:
        return ""
    try:
        return dataset_pb2.RegionLevel.Name(value).removeprefix("REGION_LEVEL_").lower()
    except ValueError:
        raise field_refused("level", "NUMBER_OUT_OF_RANGE", "one of the enum") from None


def data_format_from_proto(value: dataset_pb2.DataFormat.ValueType) -> DataFormat:
    """Reads the output format. Raises `REQUEST_INVALID`."""
    if value == dataset_pb2.DATA_FORMAT_UNSPECIFIED:
        return DataFormat.ARROW
    try:
        return DataFormat[dataset_pb2.DataFormat.Name(value).removeprefix("DATA_FORMAT_")]
    except ValueError:
        raise field_refused("format", "NUMBER_OUT_OF_RANGE", "one of the enum") from None


def changes_from_proto(message: dataset_pb2.ReadingChange) -> dict[str, Any]:
    """Reads the changes of a reading, as `Reading.with_parts` takes them. Raises `REQUEST_INVALID`."""
    changes: dict[str, Any] = dict.fromkeys(message.found_again)
    changes |= {name: _part_from_proto(message.reading, name) for name in message.reading.chosen if name != "columns"}
    columns = {
        column.name: {name: _part_from_proto(column, name) for name in column.chosen} or None
        for column in message.reading.columns
    }
    changes |= {"columns": columns} if columns else {}
    refuse_impossible(changes)
    return changes


def _part_from_proto(message: Message, name: str) -> Any:
    """Returns a plain value; None for one that is unset, and for the name of no part."""
    field: Any = message.DESCRIPTOR.fields_by_name.get(name)
    if field is None or (field.has_presence and not message.HasField(field.name)):
        return None
    value = getattr(message, name)
    if field.is_repeated:
        return list(value)
    if field.enum_type is None:
        return value
    word = field.enum_type.values_by_number.get(value)
    prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
    return word.name.removeprefix(prefix).lower() if word else ""


def changes_to_proto(changes: Mapping[str, Any]) -> dataset_pb2.ReadingChange:
    """Converts changes of a reading."""
    values = {name: value for name, value in changes.items() if value is not None}
    columns = [
        to_message(
            dataset_pb2.ColumnReading,
            ColumnReading(**{part: value or "" for part, value in (parts or {}).items()}),
            name=name,
            chosen=list(parts or {}),
        )
        for name, parts in values.pop("columns", {}).items()
    ]
    return dataset_pb2.ReadingChange(
        reading=dataset_pb2.Reading(**values, columns=columns, chosen=list(values)),
        found_again=[name for name, value in changes.items() if value is None],
    )


def reading_to_proto(reading: Reading, chosen: Reading, profile: Profile) -> dataset_pb2.Reading:
    """Converts a reading and what a person chose of it, with the columns in the order of the table."""
    columns = [
        to_message(
            dataset_pb2.ColumnReading,
            reading.column(column.name),
            name=column.name,
            chosen=list(chosen.column(column.name).chosen),
        )
        for column in profile.columns
    ]
    return to_message(dataset_pb2.Reading, reading, columns=columns, chosen=list(chosen.chosen))


def preview_to_proto(preview: Preview, chosen: Reading) -> dataset_pb2.PreviewReadingResponse:
    """Converts what a preview shows."""
    return to_message(
        dataset_pb2.PreviewReadingResponse,
        preview,
        reading=reading_to_proto(preview.reading, chosen, preview.profile),
        profile=profile_to_proto(preview.profile),
        table_json=orjson.dumps(preview.table).decode(),
    )


def dataset_to_proto(dataset: Dataset) -> dataset_pb2.Dataset:
    """Converts a dataset without its rows."""
    # Earlier versions stored the names unchecked.
    name, file_name = visible_line(dataset.name), visible_line(dataset.file_name)
    return to_message(dataset_pb2.Dataset, dataset, dataset_id=dataset.id, name=name, file_name=file_name)


def profile_to_proto(profile: Profile) -> dataset_pb2.Profile:
    """Converts the profile of the columns."""
    warnings = [
        to_message(
            dataset_pb2.DatasetWarning,
            warning,
            line=warning.line or None,
            undo=changes_to_proto(warning.undo) if warning.undo else None,
        )
        for warning in profile.warnings
    ]
    return to_message(dataset_pb2.Profile, profile, warnings=warnings)


def link_to_proto(link: ShareLink) -> sharing_pb2.ShareLink:
    """Converts a link without its token."""
    return to_message(sharing_pb2.ShareLink, link, link_id=link.id)
