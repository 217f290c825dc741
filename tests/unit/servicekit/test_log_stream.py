import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from servicekit.log_stream import LogStream
from tests.eventually import wait_until


@contextmanager
def logged() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as events:
        yield events


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:  # the test closed it
            continue


def test_lines_arrive_in_order_and_those_that_wait_at_the_end_too(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    stream = LogStream(writing)
    for number in range(100):
        print("줄", number, file=stream)
    stream.close()
    assert os.read(reading, 10_000).decode() == "".join(f"줄 {number}\n" for number in range(100))


def test_reader_that_stands_still_costs_lines_and_no_time(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    with logged() as events:
        stream = LogStream(writing, most_waiting=100_000)
        for _ in range(1000):  # far more than a pipe and the stream hold
            stream.write("x" * 999 + "\n")
        os.set_blocking(reading, False)

        def read_on() -> bool:
            try:
                os.read(reading, 100_000)
            except BlockingIOError:
                stream.write("on it goes\n")
            return bool(events)

        wait_until(read_on)
    assert events[0]["event"] == "log_lines_lost"
    assert 0 < events[0]["lines"] < 1000


def test_full_disk_costs_the_lines_of_its_time_alone(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    target = os.open("/dev/full", os.O_WRONLY)
    with logged() as events:
        stream = LogStream(target)
        stream.write("nobody reads this\n")
        wait_until(lambda: stream.lost == 1)
        os.dup2(writing, target)
        stream.write("room again\n")
        assert os.read(reading, 100) == b"room again\n"
        wait_until(lambda: bool(events))
    assert events == [{"event": "log_lines_lost", "lines": 1, "log_level": "warning"}]
    os.close(target)


def test_pipe_that_nobody_will_ever_read_again_raises_nothing(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    stream = LogStream(writing)
    stream.write("gone\n")
    wait_until(lambda: stream.lost == 1)
    stream.close()
