"""How slowly a body may come."""

import pytest

from servicekit.body_pace import BodyPace

LIMITS = (15.0, 60.0, 10_000)


def seconds_until_given_up(size_bytes: int, bytes_per_second: int, piece_bytes: int) -> float | None:
    """Sends a body in pieces at an even pace; None when all of it is taken."""
    pace, wait_seconds = BodyPace(*LIMITS), piece_bytes / bytes_per_second
    for sent in range(0, size_bytes, piece_bytes):
        if wait_seconds > pace.longest_wait_seconds:
            return sent / bytes_per_second
        pace.count(piece_bytes, wait_seconds)
    return None


@pytest.mark.parametrize("bytes_per_second", [20_000, 60_000, 1_000_000])
@pytest.mark.parametrize("size_bytes", [900_000, 50_000_000])
def test_steady_body_is_taken_however_long_it_takes(size_bytes: int, bytes_per_second: int) -> None:
    assert seconds_until_given_up(size_bytes, bytes_per_second, piece_bytes=1_500) is None


@pytest.mark.parametrize(("bytes_per_second", "piece_bytes"), [(1, 14), (1_000, 1_500), (5_000, 60_000)])
def test_body_that_drips_is_given_up_in_time(bytes_per_second: int, piece_bytes: int) -> None:
    seconds = seconds_until_given_up(50_000_000, bytes_per_second, piece_bytes)
    assert 0 < (seconds or 0) <= 120


def test_fast_beginning_buys_no_long_end() -> None:
    pace = BodyPace(*LIMITS)
    pace.count(50_000_000, 1.0)
    for _ in range(10):
        pace.count(1, 6.0)
    assert pace.longest_wait_seconds < 0.01
