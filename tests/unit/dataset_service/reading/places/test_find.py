"""Positions are found as files write them: degrees are used, anything else becomes two columns of degrees."""

import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.csv_file import read_csv
from dataset_service.reading.places.find import Hints, Places, find_places
from dataset_service.reading.places.systems import LATITUDES as LATITUDE_LIMITS
from dataset_service.reading.places.systems import LONGITUDES as LONGITUDE_LIMITS
from dataset_service.reading.places.systems import SYSTEMS
from dataset_service.reading.reading import ColumnReading
from servicekit.korea.boundaries import regions_at
from servicekit.korea.names import regions

POINTS = [(35.8714, 128.6014), (35.8563, 128.5906), (35.8281, 128.5326), (35.8857, 128.635)]


def columns_of(text: str) -> list[TypedColumn]:
    table = read_csv(text.encode())
    return list(map(typed, table.columns, table.cells))


def made(**cells: Sequence[object]) -> list[TypedColumn]:
    """Returns columns of text, for cells that would have to be quoted in a file."""
    return [
        typed(name, pa.array(values, pa.string()).dictionary_encode(), ColumnReading("text"))
        for name, values in cells.items()
    ]


def metres(name: str, north: str = "Y좌표", east: str = "X좌표") -> list[TypedColumn]:
    transformer = Transformer.from_crs("EPSG:4326", name, always_xy=True)
    rows = [transformer.transform(longitude, latitude) for latitude, longitude in POINTS]
    return columns_of(f"{east},{north}\n" + "".join(f"{x:.3f},{y:.3f}\n" for x, y in rows))


def meanings(places: Places) -> dict[str, str]:
    return {column.name: column.reading.meaning for column in places.columns if column.reading.meaning}


def told(places: Places) -> list[tuple[str, str]]:
    return [(warning.reason, warning.given) for warning in places.warnings]


def positions(places: Places) -> list[tuple[float | None, float | None]]:
    latitudes, longitudes = (column.cells.to_pylist() for column in places.columns[-2:])
    return list(zip(latitudes, longitudes, strict=True))


# ---- degrees in numbers


def test_degrees_are_used_as_they_are() -> None:
    columns = columns_of("이름,x,y\na,128.6,35.87\nb,128.5,35.8\n")
    places = find_places(columns)
    assert meanings(places) == {"y": Meaning.LATITUDE, "x": Meaning.LONGITUDE}
    assert (len(places.columns), places.crs, places.warnings) == (3, "none", ())


def test_swapped_degrees_are_used_for_what_they_hold() -> None:
    places = find_places(columns_of("위도,경도\n128.6,35.87\n128.5,35.8\n"))
    assert meanings(places) == {"경도": Meaning.LATITUDE, "위도": Meaning.LONGITUDE}
    assert [(warning.reason, warning.column) for warning in places.warnings] == [("COORDINATES_SWAPPED", "위도")]


def test_positions_outside_korea_are_counted() -> None:
    places = find_places(columns_of("위도,경도\n35.87,128.6\n35.8,128.5\n0,0\n,\n"))
    assert meanings(places) == {"위도": Meaning.LATITUDE, "경도": Meaning.LONGITUDE}
    assert told(places) == [("COORDINATES_OUTSIDE", "1")]


@pytest.mark.parametrize(
    "text",
    [
        "위도,경도\n51.5,-0.1\n48.9,2.3\n",  # elsewhere
        "위도,경도\n북위,동경\n",
        "위도,값\n35.8,1\n",
        "x,y\n1,2\n3,4\n",
        "x,y\n0,0\n0,0\n",
        "x,y\n1920,1080\n3840,2160\n",  # pixels
        "주소\n대구 중구 동인동 35-12\n대구 중구 동인동 128-3\n",
        "메모,좌표\n가,없음\n나,\n",
    ],
)
def test_tables_without_positions_in_korea_stay_as_they_are(text: str) -> None:
    columns = columns_of(text)
    assert find_places(columns) == (columns, "none", ())


def test_degrees_are_preferred_to_metres() -> None:
    places = find_places(columns_of("x,y,위도,경도\n981731,1932086,35.8,128.6\n"))
    assert meanings(places) == {
        "x": Meaning.METRES_X,
        "y": Meaning.METRES_Y,
        "위도": Meaning.LATITUDE,
        "경도": Meaning.LONGITUDE,
    }
    assert len(places.columns) == 4


def test_columns_that_a_person_says_to_be_positions_come_first() -> None:
    text = "위도,경도,가,나\n35.1,128.1,35.87,128.6\n"
    chosen = {"가": ColumnReading(meaning=Meaning.LATITUDE), "나": ColumnReading(meaning=Meaning.LONGITUDE)}
    table = read_csv(text.encode())
    columns = [
        typed(*column, chosen.get(column[0], ColumnReading()))
        for column in zip(table.columns, table.cells, strict=True)
    ]
    assert meanings(find_places(columns)) == {"가": Meaning.LATITUDE, "나": Meaning.LONGITUDE}


# ---- degrees in texts


@pytest.mark.parametrize(
    "form",
    [
        "{d}°{m:02}'{s:05.2f}\"",
        "{d}도 {m}분 {s:.2f}초",
        "{d}-{m:02}-{s:05.2f}",
        "{d} {m} {s:.2f}",
        "{v:.6f} N",
        "{v:.6f}°",
    ],
)
def test_texts_of_degrees_become_two_columns(form: str) -> None:
    rows = [[form.format(d=int(v), m=int(v * 60) % 60, s=v * 3600 % 60, v=v) for v in point] for point in POINTS]
    places = find_places(made(위도=[row[0] for row in rows], 경도=[row[1] for row in rows]))
    assert [column.name for column in places.columns] == ["위도", "경도", "위도(계산)", "경도(계산)"]
    assert places.columns[-1].reading == ColumnReading("number", Meaning.LONGITUDE, derived_from="위도, 경도")
    assert places.crs == "EPSG:4326"
    assert told(places) == [("DEGREES_READ", "")]
    assert positions(places) == [pytest.approx(point, abs=1e-5) for point in POINTS]


@pytest.mark.parametrize(
    ("degrees", "minutes", "seconds"),
    [("{}(도)", "{}(분)", "{}(초)"), ("{}_도", "{}_분", "{}_초"), ("{} deg", "{} min", "{} sec")],
)
def test_columns_of_degrees_minutes_and_seconds_belong_together(degrees: str, minutes: str, seconds: str) -> None:
    latitude, longitude = ("위도", "경도") if "도" in degrees else ("lat", "lon")
    names = [form.format(axis) for axis in (latitude, longitude) for form in (degrees, minutes, seconds)]
    places = find_places(columns_of("\t".join(names) + "\n35\t52\t17.0\t128\t36\t5\n35\t49\t\t128\t31\t57.4\n"))
    assert positions(places) == [pytest.approx((35.871389, 128.601389)), pytest.approx((35.816667, 128.532611))]
    assert places.columns[-1].reading.derived_from == ", ".join(names)
    assert told(places) == [("DEGREES_READ", "")]


def test_words_among_degrees_are_missing_and_counted() -> None:
    places = find_places(made(위도=["35.87도"] * 20 + ["미확인 지점", None], 경도=["128.6도"] * 22))
    assert positions(places)[-3:] == [(35.87, 128.6), (None, None), (None, None)]
    assert told(places) == [("DEGREES_READ", ""), ("COORDINATES_UNREAD", "1")]


@pytest.mark.parametrize(("words", "is_found"), [(1, True), (2, False)])
def test_texts_hold_degrees_when_nine_in_ten_do(words: int, is_found: bool) -> None:
    places = find_places(made(위도=["35.87도"] * (10 - words) + ["어디"] * words, 경도=["128.6도"] * 10))
    assert (len(places.columns) == 4) is is_found


def test_swapped_texts_of_degrees_are_read_the_right_way_and_told() -> None:
    places = find_places(made(위도=["128.6도"] * 3, 경도=["35.87도"] * 3))
    assert positions(places) == [(35.87, 128.6)] * 3
    assert told(places) == [("DEGREES_READ", ""), ("COORDINATES_SWAPPED", "")]


# ---- both coordinates in one cell


@pytest.mark.parametrize(
    "form",
    [
        "{0}, {1}", "({0},{1})", "{1} {0}", "[{1}; {0}]", "POINT ({1} {0})", "POINT Z ({1} {0} 0)",
        "SRID=4326;POINT({1} {0})",
        '{{"type": "Point", "coordinates": [{1}, {0}]}}', "북위 {0}, 동경 {1}", "{0}N {1}E",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["좌표", "비고"])
def test_one_cell_with_both_degrees_becomes_two_columns(form: str, name: str) -> None:
    places = find_places(made(이름=["가", "나", "다", "라"], **{name: [form.format(*point) for point in POINTS]}))
    assert positions(places) == POINTS
    assert meanings(places)[name] == Meaning.POSITION
    assert (places.crs, told(places)) == ("EPSG:4326", [("DEGREES_READ", "")])


@pytest.mark.parametrize(
    ("form", "system", "basis"),
    [
        ("SRID=5179;POINT({:.3f} {:.3f})", "EPSG:5179", "named"),
        ("SRID=5186;POINT({:.3f} {:.3f})", "EPSG:5186", "named"),
        ("POINT ({:.3f} {:.3f})", "EPSG:5179", "usual"),
        ("{:.3f}, {:.3f}", "EPSG:5179", "usual"),
    ],
)
def test_one_cell_with_both_metres_becomes_two_columns(form: str, system: str, basis: str) -> None:
    transformer = Transformer.from_crs("EPSG:4326", system, always_xy=True)
    cells = [form.format(*transformer.transform(longitude, latitude)) for latitude, longitude in POINTS]
    places = find_places(made(위치좌표=cells))
    assert positions(places) == [pytest.approx(point, abs=1e-5) for point in POINTS]
    assert meanings(places)["위치좌표"] == Meaning.POSITION
    assert (places.crs, told(places)) == (system, [("COORDINATES_CONVERTED", basis)])


# ---- metres


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name.startswith("EPSG:")])
def test_metres_become_degrees_in_the_system_that_the_names_say(name: str) -> None:
    places = find_places(metres(name, f"Y({name})", f"X({name})"))
    assert positions(places) == [pytest.approx(point, abs=1e-5) for point in POINTS]
    assert (places.crs, told(places)) == (name, [("COORDINATES_CONVERTED", "named")])
    assert meanings(places) == {
        f"X({name})": Meaning.METRES_X,
        f"Y({name})": Meaning.METRES_Y,
        "위도(계산)": Meaning.LATITUDE,
        "경도(계산)": Meaning.LONGITUDE,
    }


@pytest.mark.parametrize(
    ("names", "system"),
    [
        (("좌표정보(Y)", "좌표정보(X)"), "EPSG:5174"),
        (("Y좌표", "X좌표"), "EPSG:5186"),
        (("Y좌표", "X좌표"), "EPSG:5179"),
        (("위도(TM)", "경도(TM)"), "EPSG:5186"),
    ],
)
def test_without_a_word_about_it_the_usual_system_is_guessed(names: tuple[str, str], system: str) -> None:
    places = find_places(metres(system, *names))
    assert positions(places) == [pytest.approx(point, abs=1e-5) for point in POINTS]
    assert told(places)[0] == ("COORDINATES_CONVERTED", "usual")
    assert places.warnings[0].undo == {"crs": "none"}


def test_a_column_names_the_system_of_all_rows() -> None:
    columns = [*metres("EPSG:2097"), *made(좌표계=["Bessel 중부원점(EPSG:2097)"] * len(POINTS))]
    places = find_places(columns)
    assert (places.crs, told(places)) == ("EPSG:2097", [("COORDINATES_CONVERTED", "named")])


@pytest.mark.parametrize(
    ("name", "notes", "basis"),
    [
        ("EPSG:5181", "가게 현황\n※ 좌표계: EPSG:5181", "named"),
        ("EPSG:5181", "자료: 대구 동부\n좌표는 WTM 기준임", "named"),
        ("EPSG:5187", "좌표: GRS80 동부원점", "usual"),
        ("EPSG:5186", "동부 소방서 현황", "usual"),
    ],
)
def test_notes_around_the_table_name_the_system(name: str, notes: str, basis: str) -> None:
    places = find_places(metres(name), hints=Hints(notes=notes))
    assert (places.crs, told(places)) == (name, [("COORDINATES_CONVERTED", basis)])


def test_names_are_believed_before_notes() -> None:
    places = find_places(metres("EPSG:5179", "Y_5179", "X_5179"), hints=Hints(notes="좌표계 EPSG:5174"))
    assert (places.crs, told(places)) == ("EPSG:5179", [("COORDINATES_CONVERTED", "named")])


def test_a_named_system_that_places_the_points_elsewhere_is_not_believed() -> None:
    places = find_places(metres("EPSG:5179", "Y(EPSG:5174)", "X(EPSG:5174)"))
    assert (places.crs, told(places)) == ("EPSG:5179", [("COORDINATES_CONVERTED", "usual")])


def test_metres_with_x_to_the_north_are_read_the_right_way_and_told() -> None:
    places = find_places(metres("EPSG:5179", "X좌표", "Y좌표"))
    assert positions(places) == [pytest.approx(point, abs=1e-5) for point in POINTS]
    assert told(places) == [("COORDINATES_CONVERTED", "usual"), ("COORDINATES_SWAPPED", "")]
    assert meanings(places)["X좌표"] == Meaning.METRES_Y


def test_missing_zero_and_foreign_metres_are_missing_degrees() -> None:
    places = find_places(columns_of("X좌표,Y좌표\n1099429.41,1764430\n,5\n0,0\n9999999,1764430\n1099429.41,1764430\n"))
    assert [latitude is None for latitude, _ in positions(places)] == [False, True, True, True, False]
    assert told(places)[1:] == [("COORDINATES_OUTSIDE", "2")]


# ---- choices of people


def test_a_chosen_system_is_used() -> None:
    columns = metres("EPSG:5181", "좌표정보(Y)", "좌표정보(X)")
    places = find_places(columns, "EPSG:5181")
    assert positions(places) == [pytest.approx(point, abs=1e-5) for point in POINTS]
    assert (places.crs, told(places)) == ("EPSG:5181", [("COORDINATES_CONVERTED", "chosen")])


@pytest.mark.parametrize("columns", [metres("EPSG:5179"), made(좌표=["35.87, 128.6", "35.8, 128.5"])])
def test_none_adds_no_columns(columns: list[TypedColumn]) -> None:
    places = find_places(columns, "none")
    assert [column.name for column in places.columns] == [column.name for column in columns]
    assert (places.crs, places.warnings) == ("none", ())


@pytest.mark.parametrize("crs", ["EPSG:5178", "EPSG:5186", "EPSG:4326"])
def test_a_chosen_system_that_places_no_point_in_korea_is_told(crs: str) -> None:
    places = find_places(metres("EPSG:32652"), crs)
    assert (len(places.columns), places.crs) == (2, crs)
    assert [(warning.reason, warning.used, warning.undo) for warning in places.warnings] == [
        ("SYSTEM_UNUSED", crs, {"crs": None})
    ]


@pytest.mark.parametrize(
    "columns",
    [
        metres("EPSG:5174"),
        metres("EPSG:5179", "X좌표", "Y좌표"),
        made(위도=["35°52'"] * 2, 경도=["128°36'"] * 2),
        made(좌표=["35.87, 128.6", "35.8, 128.5"]),
        columns_of("위도,경도\n128.6,35.87\n128.5,35.8\n"),
    ],
)
def test_what_was_found_is_found_again_by_it(columns: list[TypedColumn]) -> None:
    first = find_places(columns)
    again = find_places([*first.columns[: len(columns)]], first.crs)
    assert [(column.name, column.reading, column.cells) for column in again.columns] == [
        (column.name, column.reading, column.cells) for column in first.columns
    ]
    assert again.crs == first.crs


def test_names_of_calculated_columns_are_made_free() -> None:
    places = find_places([*metres("EPSG:5179"), *made(**{"위도(계산)": ["가"] * len(POINTS)})])
    assert [column.name for column in places.columns][-2:] == ["위도(계산) (2)", "경도(계산)"]


# ---- any way of writing


LATITUDES, LONGITUDES = st.floats(34.5, 38.0), st.floats(126.5, 129.4)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(LATITUDES, LONGITUDES), min_size=1, max_size=5),
    st.sampled_from([name for name in SYSTEMS if name.startswith("EPSG:")]),
    st.sampled_from([("Y좌표({})", "X좌표({})"), ("TM_Y_{}", "TM_X_{}"), ("좌표정보Y({})", "좌표정보X({})")]),
)
def test_points_written_in_metres_are_read_back_within_a_metre(
    points: list[tuple[float, float]], name: str, names: tuple[str, str]
) -> None:
    transformer = Transformer.from_crs("EPSG:4326", name, always_xy=True)
    rows = [[f"{value:.2f}" for value in transformer.transform(east, north)] for north, east in points]
    north, east = (one.format(name.replace("EPSG:", "")) for one in names)
    places = find_places(made(**{north: [y for _, y in rows], east: [x for x, _ in rows]}))
    assert positions(places) == [pytest.approx(point, abs=1e-5) for point in points]


@settings(max_examples=50)
@given(
    st.lists(st.tuples(LATITUDES, LONGITUDES), min_size=1, max_size=5),
    st.sampled_from(
        ["{0:.6f}, {1:.6f}", "({1:.6f} {0:.6f})", "POINT({1:.6f} {0:.6f})", "N{0:.6f} E{1:.6f}", "{0:.6f}°/{1:.6f}°"]
    ),
)
def test_points_written_in_one_cell_are_read_back(points: list[tuple[float, float]], form: str) -> None:
    places = find_places(made(좌표=[form.format(*point) for point in points]))
    assert positions(places) == [pytest.approx(point, abs=1e-5) for point in points]
    assert {column.kind for column in places.columns[-2:]} == {ColumnKind.NUMBER}


# ---- the regions of the rows


@pytest.mark.parametrize(
    "name", ["EPSG:5174", "EPSG:2097", "EPSG:5181", "EPSG:5186", "EPSG:5187", "EPSG:5179", "EPSG:5178"]
)
def test_addresses_tell_systems_apart_that_are_300_metres_from_one_another(name: str) -> None:
    latitudes, longitudes = np.random.default_rng(2).uniform((35.78, 128.45), (35.95, 128.72), (400, 2)).T
    addresses = [regions()[code].name if code else None for code in regions_at(latitudes, longitudes)]
    x, y = Transformer.from_crs("EPSG:4326", name, always_xy=True).transform(longitudes, latitudes)
    address = typed("주소", pa.array(addresses).dictionary_encode(), ColumnReading("text", Meaning.ADDRESS))
    places = find_places([*made(X좌표=[f"{one:.2f}" for one in x], Y좌표=[f"{one:.2f}" for one in y]), address])
    assert (places.crs, told(places)) == (name, [("COORDINATES_CONVERTED", "placed")])


def test_named_regions_of_two_columns_tell_belts_apart() -> None:
    regions_of_rows = made(시도=["대구광역시"] * 4, 구군=["중구", "중구", "달서구", "동구"])
    columns = [*metres("EPSG:5187"), *regions_of_rows]
    assert find_places(columns).crs != "EPSG:5187"
    assert find_places(columns, hints=Hints(("시도", "구군"))).crs == "EPSG:5187"


# ---- any table


NAMES = st.sampled_from(["위도", "경도", "X좌표", "Y좌표", "좌표", "x", "y", "좌표계", "주소"])
NUMBERS = st.sampled_from(
    ["0", "35.87", "128.6", "-1", "344556.486", "264651.193", "1e300", "1099429.4", "1764430", "5179"]
)
TEXTS = st.sampled_from(
    ["", "없음", "35°52'17\"", "35.87, 128.6", "POINT(128.6 35.87)", "대구 중구", "EPSG:5174", "2024-01-01"]
)
CELLS = st.lists(st.one_of(NUMBERS, TEXTS), min_size=4, max_size=4)


@settings(max_examples=150)
@given(st.dictionaries(NAMES, CELLS, min_size=1, max_size=6), st.sampled_from(["", "none", "EPSG:4326", "EPSG:5174"]))
def test_any_table_keeps_its_columns_and_only_positions_in_korea_are_calculated(
    cells: dict[str, list[str]], crs: str
) -> None:
    columns = [typed(name, pa.array(values).dictionary_encode()) for name, values in cells.items()]
    places = find_places(columns, crs)
    assert [(one.name, one.cells) for one in places.columns[: len(columns)]] == [
        (one.name, one.cells) for one in columns
    ]
    assert len(places.columns) in (len(columns), len(columns) + 2)
    for column, limits in zip(places.columns[len(columns) :], (LATITUDE_LIMITS, LONGITUDE_LIMITS), strict=False):
        assert all(limits[0] <= value <= limits[1] for value in column.cells.drop_null().to_pylist())


@pytest.mark.parametrize(
    ("text", "loaded"),
    [("구,위도,경도\n중구,35.87,128.6\n", []), ("구,x,y\n중구,1099429,1764430\n", ["pyproj", "shapely"])],
)
def test_projections_and_boundaries_are_loaded_for_metres_alone(text: str, loaded: list[str]) -> None:
    code = """
import sys
from dataset_service.reading.columns.column_types import typed
from dataset_service.reading.csv_file import read_csv
from dataset_service.reading.places.find import find_places
table = read_csv(sys.argv[1].encode())
find_places(list(map(typed, table.columns, table.cells)))
print([name for name in ("pyproj", "shapely") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code, text], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(loaded)
