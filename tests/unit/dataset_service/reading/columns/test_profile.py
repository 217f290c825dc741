"""A profile tells what is in the columns, with numbers that can be counted by hand."""

from dataclasses import replace

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_service.reading.columns.column_types import typed
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.known_columns import CoordinateColumns
from dataset_service.reading.columns.profile import ColumnProfile, Profile, make_profile
from dataset_service.reading.csv_file import read_csv
from dataset_service.reading.reading import ColumnReading, Reading


def profile_of(text: str, reading: Reading = Reading()) -> Profile:  # noqa: B008 - it is frozen
    table = read_csv(text.encode(), reading)
    return make_profile(list(map(typed, table.columns, table.cells)), table.warnings)


TEXT = """일시,구,건수,비율,휴일,메모
2019-01-01 00,중구,3,0.5,true,
2019-01-02 13,동구,1,,false,
2019-01-01 00,중구,3,0.5,true,
,중구,-2,1.25,true,x
"""


FIRST, LAST = "2019-01-01 00:00", "2019-01-02 13:00"


def test_columns_have_their_counts_samples_and_ranges() -> None:
    assert profile_of(TEXT).columns == (
        ColumnProfile("일시", ColumnKind.DATE, 2, 1, (FIRST, LAST), FIRST, LAST),
        ColumnProfile("구", ColumnKind.TEXT, 2, 0, ("중구", "동구")),
        ColumnProfile("건수", ColumnKind.INTEGER, 3, 0, ("3", "1", "-2"), "-2", "3"),
        ColumnProfile("비율", ColumnKind.NUMBER, 2, 1, ("0.5", "1.25"), "0.5", "1.25", Meaning.PERCENT),
        ColumnProfile("휴일", ColumnKind.BOOLEAN, 2, 0, ("true", "false"), "false", "true"),
        ColumnProfile("메모", ColumnKind.TEXT, 1, 3, ("x",)),
    )


def test_rows_and_cells_are_counted() -> None:
    profile = profile_of(TEXT)
    assert (profile.duplicate_rows, profile.missing_cells, profile.date_columns) == (1, 5, ("일시",))


def test_columns_missing_from_thirty_percent_on_are_told() -> None:
    profile = profile_of("a,b,c\n" + "1,1,1\n" * 7 + ",1,1\n,,1\n,,1\n")
    told = {(warning.column, warning.given) for warning in profile.warnings}
    assert told == {("a", "30.0")}


def test_samples_are_at_most_five_and_shortened() -> None:
    (column,) = profile_of("a\n" + "".join(f"{'긴글' * 50}{number}\n" for number in range(9))).columns
    assert len(column.samples) == 5
    assert all(len(sample) == 80 and sample.endswith("…") for sample in column.samples)


def test_days_are_shown_without_and_seconds_with_a_time() -> None:
    days, minutes, seconds = profile_of(
        "a,b,c\n2019-01-01,2019-01-01 00:30,2019-01-01 00:00:07\n2019-01-02,2019-01-02,2019-01-02\n"
    ).columns
    assert (days.minimum, minutes.minimum, seconds.minimum) == (
        "2019-01-01",
        "2019-01-01 00:30",
        "2019-01-01 00:00:07",
    )


@settings(max_examples=200)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.sampled_from(["a", "b", "", "1", "2"]), min_size=width, max_size=width), min_size=1, max_size=12
        )
    )
)
def test_duplicates_are_the_rows_that_equal_an_earlier_one(rows: list[list[str]]) -> None:
    header = [f"c{number}" for number in range(len(rows[0]))]
    kept = [row for row in rows if any(row)]
    if not kept:
        return
    untouched = Reading(start_line=1, header_rows=1, unit_rows=0, end_line=0, left_out=(), filled=())
    profile = profile_of("".join(",".join(row) + "\n" for row in [header, *rows]), untouched)
    assert profile.duplicate_rows == len(kept) - len({tuple(row) for row in kept})


def test_duplicates_are_found_in_tables_of_many_columns_and_values() -> None:
    rows = [",".join(str(number * column) for column in range(40)) for number in range(3000)]
    header = ",".join(f"c{column}" for column in range(40))
    assert profile_of("\n".join([header, *rows, *rows[:7]])).duplicate_rows == 7


def test_positions_are_the_last_numbers_that_mean_them_because_calculated_ones_stand_behind() -> None:
    table = read_csv("글자,위도,경도,위도(계산)\n가,35.8,128.6,35.9\n나,35.7,128.5,35.6\n".encode())
    meanings = (Meaning.LATITUDE, Meaning.LATITUDE, Meaning.LONGITUDE, Meaning.LATITUDE)
    columns = [
        typed(*column, ColumnReading(meaning=meaning))
        for column, meaning in zip(zip(table.columns, table.cells, strict=True), meanings, strict=True)
    ]
    assert make_profile(columns, []).coordinates == CoordinateColumns("위도(계산)", "경도")
    assert make_profile(columns[:2], []).coordinates is None


def test_profile_comes_back_from_json_as_it_was() -> None:
    profile = profile_of("위도,경도,시군구,사고일시,\n35.8,128.6,대구광역시 중구,2019-01-01,x\n,,,,y\n,,,,z\n")
    profile = replace(profile, coordinates=CoordinateColumns("위도", "경도"))
    assert profile.warnings
    assert profile.prediction_columns
    assert Profile.from_document(orjson.loads(orjson.dumps(profile.to_document()))) == profile
