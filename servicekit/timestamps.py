"""Converts datetimes to proto timestamps."""

from datetime import UTC, datetime
from functools import lru_cache

from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(64)  # rows stored together share their timestamp; assigning to a message copies it
def timestamp_to_proto(moment: datetime) -> Timestamp:
    """Converts an aware datetime. The result is cached and shared: do not modify it."""
    since = moment - _EPOCH  # FromDatetime takes four times as long, a quarter of the time of a long list
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)
