from datetime import UTC, datetime, timedelta

import pytest

from streamlit_client.parts.accident_time import time_period_of
from streamlit_client.parts.wording import clock_text, duration_text, moment_text, severity_text
from tests.unit.streamlit_client.samples import MODEL


def test_moments_are_written_in_seoul_time_with_the_weekday() -> None:
    assert moment_text(datetime(2024, 3, 4, 15, 3, tzinfo=UTC)) == "2024-03-05 (화) 00:03"
    assert clock_text(datetime(2024, 3, 4, 15, 3, 9, tzinfo=UTC)) == "00:03:09"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "약 1초"), (0.2, "약 1초"), (59.6, "약 60초"), (119, "약 119초"), (120, "약 2분"), (3600, "약 60분")],
)
def test_durations_are_written_about(seconds: float, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text


def test_words_for_severity_carry_a_sign_besides_their_colour() -> None:
    assert [severity_text(band.interpretation, MODEL)[0] for band in MODEL.bands] == ["○", "◔", "◑", "●"]
    assert severity_text("다른 말", MODEL) == "다른 말"


@pytest.mark.parametrize(
    ("hours", "period"),
    [
        ((7, 8, 9), "출근시간대"),
        ((17, 18, 19), "퇴근시간대"),
        ((22, 23, 0, 5), "심야"),
        ((6, 10, 16, 20, 21), "일반시간대"),
    ],
)
def test_time_period_follows_from_the_hour(hours: tuple[int, ...], period: str) -> None:
    assert {time_period_of(hour) for hour in hours} == {period}
