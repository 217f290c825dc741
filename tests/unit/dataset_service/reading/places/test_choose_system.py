"""The system of metres is the one that places the points where their rows say, and otherwise the usual one."""

from collections.abc import Callable

import numpy as np
import pytest
from pyproj import Transformer

from dataset_service.reading.places.choose_system import Basis, choose_system, may_be_metres
from dataset_service.reading.places.fitting import Fits
from dataset_service.reading.places.systems import SYSTEMS, Floats

ALL = list(SYSTEMS.values())
DAEGU = np.random.default_rng(1).uniform((35.80, 128.50), (35.95, 128.70), (100, 2)).T


def metres(name: str, points: Floats = DAEGU) -> tuple[Floats, Floats]:
    """Returns x and y of latitudes and longitudes."""
    x, y = Transformer.from_crs("EPSG:4326", name, always_xy=True).transform(points[1], points[0])
    return x, y


def near(points: Floats, degrees: float) -> Callable[[Floats, Floats], Fits]:
    """Returns what tells whether positions are nearer than some degrees to the points."""

    def fits(latitudes: Floats, longitudes: Floats) -> Fits:
        return 2 * np.asarray(np.hypot(latitudes - points[0], longitudes - points[1]) < degrees, np.int64)

    return fits


@pytest.mark.parametrize(
    "name", ["EPSG:5174", "EPSG:2097", "EPSG:5181", "EPSG:5186", "EPSG:5187", "EPSG:5179", "EPSG:5178"]
)
@pytest.mark.parametrize("are_swapped", [False, True])
def test_the_places_of_the_rows_decide(name: str, are_swapped: bool) -> None:
    x, y = metres(name)
    choice = choose_system(*((y, x) if are_swapped else (x, y)), ALL, near(DAEGU, 0.001))
    assert choice == (SYSTEMS[name], are_swapped, Basis.PLACED)


def anywhere(latitudes: Floats, longitudes: Floats) -> Fits:
    return np.zeros(len(latitudes), np.int64)


def test_without_places_the_first_that_fits_is_a_guess() -> None:
    systems = [SYSTEMS[name] for name in ("EPSG:5179", "EPSG:5174", "EPSG:5186")]
    assert choose_system(*metres("EPSG:5186"), systems, anywhere) == (SYSTEMS["EPSG:5174"], False, Basis.USUAL)


def test_places_that_do_not_tell_the_systems_apart_leave_a_guess_among_those_that_fit() -> None:
    choice = choose_system(*metres("EPSG:5174"), ALL, near(DAEGU, 0.05))
    assert choice == (SYSTEMS["EPSG:5174"], False, Basis.USUAL)


def test_few_rows_that_differ_decide_nothing() -> None:
    points = DAEGU[:, :1]
    choice = choose_system(*metres("EPSG:5181", points), ALL, near(points, 0.001))
    assert choice is not None
    assert choice.basis is Basis.USUAL


def test_the_only_system_that_places_the_points_in_korea_is_no_guess() -> None:
    assert choose_system(*metres("EPSG:32652"), ALL, anywhere) == (SYSTEMS["EPSG:32652"], False, Basis.PLACED)


@pytest.mark.parametrize("points", [([1.0, 2.0], [3.0, 4.0]), ([35.8, 35.9], [128.5, 128.6]), ([0.0], [0.0]), ([], [])])
def test_other_numbers_are_in_no_system(points: tuple[list[float], list[float]]) -> None:
    x, y = map(np.array, points)
    assert choose_system(x, y, ALL, anywhere) is None
    assert not may_be_metres(x, y)


def test_half_of_the_points_may_be_errors() -> None:
    x, y = metres("EPSG:5179")
    x[::2] = 1.0
    choice = choose_system(x, y, [SYSTEMS["EPSG:5179"]], anywhere)
    assert choice is not None
    x[:3] = 1.0
    assert choose_system(x, y, [SYSTEMS["EPSG:5179"]], anywhere) is None
