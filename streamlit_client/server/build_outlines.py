"""Builds the files of outlines and names of the regions of Korea for maps, when the environment is set up.

A map asks for that of the country; zoomed in, also for those of the provinces (시도) in view, with their 읍면동. Other
files have the areas of the regions of one level by code, for maps that colour them.
Degrees are integers in the unit of the file. Each line begins with a point (latitude, longitude) and goes on in steps.
"""

import argparse
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from servicekit.korea import boundaries
from servicekit.korea.names import regions
from streamlit_client.server.map_assets import AREAS, COUNTRY, OUTLINES

_AREA_TOLERANCES: Mapping[int, float] = {2: 0.003, 5: 0.0022, 8: 0.0003}  # by the digits of the codes
# In degrees; 0.001 is about 100 m.
_COUNTRY_UNIT, _PROVINCE_UNIT = 1e-4, 1e-5
_COUNTRY_TOLERANCE = 0.0015
_COUNTRY_SMALLEST, _PROVINCE_SMALLEST, _AREA_SMALLEST = 2e-5, 1e-7, 1e-5
"""The smallest islands, in square degrees."""
Codes = npt.NDArray[np.str_]
Outlines = npt.NDArray[np.object_]


def build(folder: Path = OUTLINES) -> bool:
    """Writes the files, and returns whether it had to: not if the same code made them of the same outlines before."""
    digest = hashlib.sha256(Path(__file__).read_bytes() + boundaries.FILE.read_bytes()).hexdigest()[:8]
    if (folder / f"{COUNTRY}.{digest}.json").exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    written = set()
    for name, content in _contents(digest):  # the country is the last: with it all are there
        written.add(name)
        unfinished = folder / f"{name}.unfinished"
        unfinished.write_bytes(orjson.dumps(content))
        unfinished.replace(folder / name)
    for path in folder.iterdir():
        if path.name not in written:
            path.unlink()
    return True


def _contents(digest: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    codes, towns = boundaries.town_outlines()
    district_codes, districts = _unite(codes, towns, 5)
    yield from _areas(codes, towns, digest)
    rough = shapely.coverage_simplify(districts, _COUNTRY_TOLERANCE)
    provinces = []
    for province in np.unique(district_codes.astype("<U2")):
        name = f"{province}.{digest}.json"
        chosen = np.char.startswith(district_codes, province)
        inside = district_codes[chosen]
        between = chain.from_iterable(_borders(towns[np.char.startswith(codes, district)]) for district in inside)
        yield (
            name,
            {
                **_province(districts[chosen], _PROVINCE_UNIT, _PROVINCE_SMALLEST),
                "towns": _lines(between, _PROVINCE_UNIT),
                "names": _names(
                    (code for code in codes if code.startswith(province) and len(code) == 8), _PROVINCE_UNIT
                ),
            },
        )
        provinces.append({
            "file": name,
            "boxes": _boxes(districts[chosen], _COUNTRY_UNIT),
            **_province(rough[chosen], _COUNTRY_UNIT, _COUNTRY_SMALLEST),
            "name": _names([province], _COUNTRY_UNIT)[0],
            "names": _names(inside, _COUNTRY_UNIT),
        })  # fmt: skip
    yield f"{COUNTRY}.{digest}.json", {"provinces": provinces}


def _areas(codes: Codes, towns: Outlines, digest: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for digits, tolerance in _AREA_TOLERANCES.items():
        found, outlines = _unite(codes, towns, digits) if digits < 8 else (codes, towns)
        outlines = shapely.coverage_simplify(outlines, tolerance)
        if digits == 5:  # cities with districts
            cities = [code for code in regions() if len(code) == 5 and code[4] == "0" and code not in found]
            for city, inside in ((city, np.char.startswith(found, city[:4])) for city in cities):
                if inside.any():
                    found = np.append(found, city)
                    outlines = np.append(outlines, shapely.coverage_union_all(outlines[: len(inside)][inside]))
        for beginning in np.unique(found.astype("<U2")) if digits == 8 else [""]:
            name = f"{AREAS[digits]}-{beginning}" if beginning else AREAS[digits]
            chosen = np.char.startswith(found, beginning)
            areas = {
                str(code): _land(outline, _COUNTRY_UNIT, _AREA_SMALLEST)
                for code, outline in zip(found[chosen], outlines[chosen], strict=True)
            }
            yield f"{name}.{digest}.json", {"unit": _COUNTRY_UNIT, "areas": areas}


def _unite(codes: Codes, outlines: Outlines, digits: int) -> tuple[Codes, Outlines]:
    begin = codes.astype(f"<U{digits}")
    found = np.unique(begin)
    return found, np.array([shapely.coverage_union_all(outlines[begin == code]) for code in found], dtype=object)


def _province(districts: Outlines, unit: float, smallest: float) -> Mapping[str, Any]:
    """Returns the polygons of a province, each as rings, without the smallest islands; and borders of its districts."""
    land = _land(shapely.coverage_union_all(districts), unit, smallest)
    return {"unit": unit, "land": land, "borders": _lines(_borders(districts), unit)}


def _land(outline: shapely.Geometry, unit: float, smallest: float) -> Sequence[Sequence[Sequence[int]]]:
    """Returns the polygons of an outline, each as rings, without the smallest islands."""
    land = shapely.get_parts(outline)
    sizes = shapely.area(land)
    rings = [_lines(shapely.get_rings(island), unit) for island in land[(sizes >= smallest) | (sizes == sizes.max())]]
    return [island for island in rings if island]


def _borders(outlines: Outlines) -> Outlines:
    """Returns the lines between outlines with common borders."""
    around = shapely.boundary(shapely.coverage_union_all(outlines))
    lines = shapely.difference(shapely.union_all(shapely.boundary(outlines)), around)
    return shapely.get_parts(shapely.line_merge(lines))  # type: ignore[no-any-return]


def _lines(lines: Iterable[shapely.Geometry], unit: float) -> Sequence[Sequence[int]]:
    found = []
    for line in lines:
        points = np.round(shapely.get_coordinates(line)[:, ::-1] / unit).astype(np.int64)
        steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
        found.append([int(number) for number in steps[steps.any(axis=1)].ravel()])
    return [line for line in found if len(line) > 2]  # others are a point in this unit


def _boxes(outlines: Outlines, unit: float) -> Sequence[Sequence[int]]:
    """Returns the south, west, north and east of each."""
    bounds = np.round(shapely.bounds(outlines)[:, [1, 0, 3, 2]] / unit)
    return bounds.astype(np.int64).tolist()  # type: ignore[no-any-return]


def _names(codes: Iterable[str], unit: float) -> Sequence[tuple[str, int, int]]:
    points = boundaries.centres()
    return [
        (regions()[code].own_name, round(points[code].latitude / unit), round(points[code].longitude / unit))
        for code in codes
    ]


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    build()
