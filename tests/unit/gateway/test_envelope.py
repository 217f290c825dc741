from datetime import datetime, timedelta

import orjson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.envelope import moment, success


def test_answer_tells_seoul_time_with_its_offset() -> None:
    told = datetime.fromisoformat(orjson.loads(success({}))["timestamp"])
    assert told.utcoffset() == timedelta(hours=9)
    assert abs(datetime.now(told.tzinfo) - told) < timedelta(minutes=10)


@pytest.mark.parametrize(
    ("seconds", "nanos", "text"),
    [
        (0, 0, "1970-01-01T09:00:00+09:00"),
        (1_732_000_000, 123_456_789, "2024-11-19T16:06:40.123456+09:00"),
        (1_732_000_000, 999_999_999, "2024-11-19T16:06:40.999999+09:00"),
        (1_709_132_399, 0, "2024-02-28T23:59:59+09:00"),
        (-1, 0, "1970-01-01T08:59:59+09:00"),
    ],
)
def test_moment_is_told_to_the_microsecond_and_never_rounded_up(seconds: int, nanos: int, text: str) -> None:
    assert moment(Timestamp(seconds=seconds, nanos=nanos)) == text


def test_every_microsecond_survives() -> None:
    for microseconds in range(0, 1_000_000, 997):
        told = moment(Timestamp(seconds=1_732_000_000, nanos=microseconds * 1000))
        assert datetime.fromisoformat(told).microsecond == microseconds
