"""Which system the metres of a table are in: where its points fall decides, and otherwise what is usual."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from dataset_service.reading.places.fitting import ON_LAND, Fits
from dataset_service.reading.places.systems import (
    LEAST_INSIDE,
    SYSTEMS,
    Floats,
    System,
    is_in_korea,
    roughly_to_degrees,
    to_degrees,
)


class Basis(StrEnum):
    """What decided on a system."""

    CHOSEN = "chosen"
    """A person."""
    NAMED = "named"
    """The file names it."""
    PLACED = "placed"
    """The points are in the regions of their rows, or on land, in no other system."""
    USUAL = "usual"
    """It is a guess: the usual one of several that are as likely."""


class _Candidate(NamedTuple):
    system: System
    are_swapped: bool


class Choice(NamedTuple):
    """A system, and whether the columns are in the order of surveys, x to the north."""

    system: System
    are_swapped: bool
    basis: Basis


def choose_system(
    x: Floats, y: Floats, systems: Sequence[System], fit: Callable[[Floats, Floats], Fits]
) -> Choice | None:
    """Returns the system of some points in metres, or None if none places half of them in Korea.

    `systems` are in question, the most usual ones first. `fit` tells of positions in degrees how well each fits what
    its row says about it; it is asked only if several systems place the points in Korea.
    """
    candidates = _candidates(x, y, systems)
    if not candidates:
        return None
    unbeaten = candidates
    if len(candidates) > 1:
        fits = [fit(*to_degrees(system, *((y, x) if swapped else (x, y)))) for system, swapped in candidates]
        tried = list(zip(candidates, fits, strict=True))
        unbeaten = [one for one, fits in tried if not any(_beats(*other, one, fits) for other in tried)] or candidates
    return Choice(*unbeaten[0], Basis.USUAL if len(unbeaten) > 1 else Basis.PLACED)


def may_be_metres(x: Floats, y: Floats) -> bool:
    """Tells whether some points are in Korea in any system."""
    return bool(_candidates(x, y, list(SYSTEMS.values())))


def _candidates(x: Floats, y: Floats, systems: Sequence[System]) -> list[_Candidate]:
    """Returns the systems that may place half of the points in Korea, first those with the usual order of axes."""
    return [
        _Candidate(system, are_swapped)
        for are_swapped, (east, north) in ((False, (x, y)), (True, (y, x)))
        for system in systems
        if len(x) and np.mean(is_in_korea(*roughly_to_degrees(system, east, north))) >= LEAST_INSIDE
    ]


def _beats(one: _Candidate, its_fits: Fits, other: _Candidate, others_fits: Fits) -> bool:
    """Tells whether one fits better in two rows more than three fifths of those where they differ.

    The unusual order of axes has to fit the regions of the rows better: land is too easily hit.
    """
    if one.are_swapped and not other.are_swapped:
        its_fits, others_fits = (np.maximum(fits, ON_LAND) for fits in (its_fits, others_fits))
    better, worse = np.count_nonzero(its_fits > others_fits), np.count_nonzero(its_fits < others_fits)
    return bool(2 * better >= 3 * worse + 4)
