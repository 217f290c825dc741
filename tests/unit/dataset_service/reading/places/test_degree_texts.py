"""Degrees are read as people write them."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_service.reading.places.degree_texts import read_degrees

WRITTEN = 35 + 52 / 60 + 17 / 3600


@pytest.mark.parametrize(
    "text",
    [
        "35°52'17.0\"", "35°52'17\"", "35° 52' 17.0\"", "35°52′17″", "35º52’17”", "35˚52'17''", "35°52'17''",
        "35°52'17.0",
        "35도 52분 17초", "35도52분17.0초", "35-52-17.0", "35 52 17", "35:52:17", "35.52.17.0", "３５°５２′１７″",
        "35° 52.28333'",
        "35°52'17.0\"N", "N35°52'17.0\"", "N 35 52 17", "북위 35도 52분 17초", "북위35°52'17\"", "35-52-17.0 N",
        "위도 35도 52분 17초(추정)",
    ],
)  # fmt: skip
def test_degrees_minutes_and_seconds_are_read(text: str) -> None:
    assert read_degrees(pa.array([text]))[0].as_py() == pytest.approx(WRITTEN, abs=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "35.8714", "35.8714°", "35.8714 N", "N35.8714", "북위 35.8714", "북위 35.8714도", "35.8714도",
        "위도: 35.8714", "+35.8714",
        "lat=35.8714", "35.8714 deg", "３５．８７１４", " 35.8714 ", "위도 북위 35.8714",
        "약 35.8714", "35.8714(추정)", "35.8714 WGS84", "GPS 35.8714", "35.8714 도",
    ],
)  # fmt: skip
def test_fractions_of_degrees_are_read_beside_words(text: str) -> None:
    assert read_degrees(pa.array([text]))[0].as_py() == pytest.approx(35.8714)


@pytest.mark.parametrize(
    "text",
    ["", "없음", "-", "35.8714, 128.6", "35°61'00\"", "35°10'61\"", "3,587", "358714", "대구 35",
     "35m", "-35.87", None],
)  # fmt: skip
def test_other_texts_hold_no_degrees(text: str | None) -> None:
    assert read_degrees(pa.array([text], pa.string())).to_pylist() == [None]


FORMS = (
    "{d}°{m:02}'{s:04.1f}\"", "{d}도 {m}분 {s:.1f}초", "{d}-{m:02}-{s:04.1f}", "N {d} {m} {s:.1f}",
    "{d}:{m:02}:{s:04.1f}", "{d}.{m:02}.{s:04.1f}", "동경 {d}°{m}′{s:.1f}″",
)  # fmt: skip


@given(st.integers(0, 180 * 36_000), st.sampled_from(FORMS))
def test_what_was_formatted_is_read_back(tenths: int, form: str) -> None:
    minutes, seconds = divmod(tenths, 600)
    text = form.format(d=minutes // 60, m=minutes % 60, s=seconds / 10)
    assert read_degrees(pa.array([text]))[0].as_py() == pytest.approx(tenths / 36_000, abs=1e-9)
