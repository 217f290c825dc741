"""Systems of metres used in Korea, and their conversion to degrees of WGS 84."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LATITUDES, LONGITUDES = (33.0, 39.0), (124.0, 132.0)
"""Range of degrees of South Korea, including its islands."""
LEAST_INSIDE = 0.5
"""Share of the positions that are in Korea if they are read rightly; the others are errors in the file."""
NONE, DEGREES = "none", "EPSG:4326"
"""Values of `Reading.crs` besides systems of metres: positions stay as they are; texts of degrees are read."""
_BESSEL, _GRS80 = "bessel", "GRS80"
# PROJ's wheels have no grids. These seven parameters are those of the national survey, accurate to about a metre.
_BESSEL_TO_WGS84 = (
    "+step +proj=push +v_3 +step +proj=cart +ellps=bessel +step +proj=helmert +convention=position_vector "
    "+x=-115.80 +y=474.99 +z=674.11 +rx=1.16 +ry=-2.31 +rz=-1.63 +s=6.43 "
    "+step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3"
)
# The modified origins of 1985 lie 10.405 seconds of arc to the east.
_MODIFIED = 10.405 / 3600
_BELT_EASTING = 200_000
_METRES_PER_DEGREE = 111_000.0
# Sea far from land in every usual system: there lie missing positions, and pixels of pictures.
_NEAR_ZERO = 10_000.0


class System(NamedTuple):
    """A transverse Mercator system: its origin in degrees, and what is added there in metres."""

    name: str
    ellipsoid: str
    longitude: float
    northing: float
    easting: float = _BELT_EASTING
    latitude: float = 38.0
    scale: float = 1.0

    @property
    def is_belt(self) -> bool:
        """Tells whether it is one of the systems of two degrees of longitude each."""
        return self.easting == _BELT_EASTING


SYSTEMS: Mapping[str, System] = {
    system.name: system
    for system in (
        System("EPSG:5186", _GRS80, 127, 600_000),
        System("EPSG:5174", _BESSEL, 127 + _MODIFIED, 500_000),
        System("EPSG:5181", _GRS80, 127, 500_000),
        System("EPSG:2097", _BESSEL, 127, 500_000),
        System("EPSG:5179", _GRS80, 127.5, 2_000_000, 1_000_000, scale=0.9996),
        System("EPSG:5178", _BESSEL, 127.5, 2_000_000, 1_000_000, scale=0.9996),
        System("EPSG:5187", _GRS80, 129, 600_000),
        System("EPSG:5183", _GRS80, 129, 500_000),
        System("EPSG:5176", _BESSEL, 129 + _MODIFIED, 500_000),
        System("EPSG:2096", _BESSEL, 129, 500_000),
        System("EPSG:5185", _GRS80, 125, 600_000),
        System("EPSG:5180", _GRS80, 125, 500_000),
        System("EPSG:5173", _BESSEL, 125 + _MODIFIED, 500_000),
        System("EPSG:2098", _BESSEL, 125, 500_000),
        System("EPSG:5182", _GRS80, 127, 550_000),
        System("EPSG:5175", _BESSEL, 127 + _MODIFIED, 550_000),
        System("EPSG:5188", _GRS80, 131, 600_000),
        System("EPSG:5184", _GRS80, 131, 500_000),
        System("EPSG:5177", _BESSEL, 131 + _MODIFIED, 500_000),
        System("EPSG:32652", "WGS84", 129, 0, 500_000, latitude=0, scale=0.9996),
        System("EPSG:32651", "WGS84", 123, 0, 500_000, latitude=0, scale=0.9996),
        System("KATEC", _BESSEL, 128, 600_000, 400_000, scale=0.9999),
    )
}
"""Systems by name, the most usual ones first."""


def to_degrees(system: System, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Returns latitudes and longitudes of points in metres, x to the east and y to the north.

    A point that cannot be converted has infinite degrees, and so has one near zero, which stands for none in files.
    """
    from pyproj import Transformer  # 20 MB and 70 ms, which most files do not need

    projection = (
        f"+step +inv +proj=tmerc +ellps={system.ellipsoid} +lat_0={system.latitude} +lon_0={system.longitude!r} "
        f"+k={system.scale} +x_0={system.easting} +y_0={system.northing}"
    )
    shift = _BESSEL_TO_WGS84 if system.ellipsoid == _BESSEL else ""
    degrees = "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    transformer = Transformer.from_pipeline(f"+proj=pipeline {projection} {shift} {degrees}")
    longitudes, latitudes = transformer.transform(x, y)
    return _without_zeros(x, y, latitudes), longitudes


def roughly_to_degrees(system: System, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Returns latitudes and longitudes as `to_degrees` does, but only to about a fifth of a degree, and at once."""
    latitudes = system.latitude + (y - system.northing) / _METRES_PER_DEGREE
    with np.errstate(all="ignore"):
        longitudes = system.longitude + (x - system.easting) / (_METRES_PER_DEGREE * np.cos(np.radians(latitudes)))
    return _without_zeros(x, y, latitudes), longitudes


def _without_zeros(x: Floats, y: Floats, latitudes: Floats) -> Floats:
    return np.where(np.hypot(x, y) < _NEAR_ZERO, np.inf, latitudes)


def is_in_korea(latitudes: Floats, longitudes: Floats) -> npt.NDArray[np.bool_]:
    """Tells of each position whether it is within the bounds of South Korea."""
    return (
        (latitudes >= LATITUDES[0])
        & (latitudes <= LATITUDES[1])
        & (longitudes >= LONGITUDES[0])
        & (longitudes <= LONGITUDES[1])
    )
