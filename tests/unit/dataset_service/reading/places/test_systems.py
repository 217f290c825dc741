"""Metres of the systems used in Korea become degrees as surveys and other software say."""

import numpy as np
import pytest
from pyproj import Transformer

from dataset_service.reading.places.systems import SYSTEMS, is_in_korea, roughly_to_degrees, to_degrees

METRE = 1 / 111_000
"""Degrees that are a metre to the north, and less than one to the east."""
LATITUDES = np.array([35.8714, 37.5665, 33.4996, 37.2426, 34.0])
LONGITUDES = np.array([128.6014, 126.978, 126.5312, 131.8643, 125.0])


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name.startswith("EPSG:")])
def test_metres_are_those_of_the_published_definition(name: str) -> None:
    x, y = Transformer.from_crs("EPSG:4326", name, always_xy=True).transform(LONGITUDES, LATITUDES)
    latitudes, longitudes = to_degrees(SYSTEMS[name], x, y)
    assert latitudes == pytest.approx(LATITUDES, abs=METRE)
    assert longitudes == pytest.approx(LONGITUDES, abs=METRE)


@pytest.mark.parametrize(
    ("name", "x", "y", "latitude", "longitude"),
    [
        ("EPSG:5174", 344556.486, 264651.193, 35.8714, 128.6014),
        ("EPSG:5179", 1099429.41, 1764430.00, 35.8714, 128.6014),
        ("EPSG:5181", 160710.37729270622, -4388.879299157299, 33.453357700000005, 126.57740680000002),
    ],
)
def test_metres_of_files_are_where_they_were_published(
    name: str, x: float, y: float, latitude: float, longitude: float
) -> None:
    latitudes, longitudes = to_degrees(SYSTEMS[name], np.array([x]), np.array([y]))
    assert (latitudes[0], longitudes[0]) == pytest.approx((latitude, longitude), abs=METRE)


def test_metres_of_navigation_devices_are_those_of_their_proj_string() -> None:
    katec = "+proj=tmerc +lat_0=38 +lon_0=128 +k=0.9999 +x_0=400000 +y_0=600000 +ellps=bessel +units=m +type=crs "
    bessel = katec + "+towgs84=-115.80,474.99,674.11,1.16,-2.31,-1.63,6.43"
    x, y = Transformer.from_crs("EPSG:4326", bessel, always_xy=True).transform(LONGITUDES, LATITUDES)
    latitudes, longitudes = to_degrees(SYSTEMS["KATEC"], x, y)
    assert latitudes == pytest.approx(LATITUDES, abs=METRE)
    assert longitudes == pytest.approx(LONGITUDES, abs=METRE)


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_rough_position_is_near(name: str) -> None:
    system = SYSTEMS[name]
    x, y = np.meshgrid(system.easting + np.array([-300e3, 0.0, 300e3]), system.northing + np.array([-5e5, 0.0, 1e5]))
    if system.latitude == 0:
        y += 4.2e6
    rough, exact = roughly_to_degrees(system, x.ravel(), y.ravel()), to_degrees(system, x.ravel(), y.ravel())
    assert np.max(np.abs(np.array(rough) - np.array(exact))) < 0.25


def test_what_is_no_position_is_not_in_korea() -> None:
    latitudes, longitudes = to_degrees(
        SYSTEMS["EPSG:5174"], np.array([0.0, np.nan, 1e30]), np.array([0.0, np.nan, 1e30])
    )
    assert is_in_korea(latitudes, longitudes).tolist() == [False, False, False]
