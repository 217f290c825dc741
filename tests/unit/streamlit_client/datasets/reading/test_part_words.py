import pytest

from dataset_service.reading.places.systems import DEGREES, NONE, SYSTEMS
from streamlit_client import texts_datasets, texts_reading
from streamlit_client.backend.contract_datasets import Reading
from streamlit_client.datasets.reading.part_words import lines_text, part_name, read_lines, value_text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("12", [12]),
        ("12, 25~27", [12, 25, 26, 27]),
        ("25 ~ 27 12,12", [12, 25, 26, 27]),
        ("3-4", [3, 4]),
        ("0", None),
        ("5~3", None),
        ("12줄", None),
        ("1~20001", None),
        ("1~20000", list(range(1, 20_001))),
        ("1~20000, 30000", None),
        ("１２", None),
        ("123456789", None),
    ],
)
def test_lines_are_read_as_people_write_them(text: str, lines: list[int] | None) -> None:
    assert read_lines(text) == lines


@pytest.mark.parametrize(("lines", "text"), [([], ""), ([12], "12"), ([27, 12, 25, 26], "12, 25~27")])
def test_lines_are_written_in_runs(lines: list[int], text: str) -> None:
    assert lines_text(lines) == text


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("encoding", "cp949", texts_datasets.ENCODINGS["cp949"]),
        ("encoding", "johab", "johab"),
        ("delimiter", "\t", "탭"),
        ("delimiter", "%%", "%%"),
        ("quote", "", "없음"),
        ("header_rows", 2, "2줄"),
        ("start_line", 3, "3"),
        ("end_line", 0, "파일 끝까지"),
        ("left_out", (2, 3), "2~3"),
        ("left_out", (), "없음"),
        ("filled", ("시도", "구군"), "시도, 구군"),
        ("filled", (), "없음"),
        ("kind", "time", "시각"),
        ("meaning", "money", "금액"),
        ("unit", "", "없음"),
        ("crs", "EPSG:5187", "동부원점(GRS80 60만, EPSG:5187)"),
    ],
)
def test_value_of_a_part_is_said_in_words(part: str, value: object, words: str) -> None:
    assert value_text(part, value) == words


def test_every_system_of_coordinates_can_be_chosen_by_its_name() -> None:
    assert {*texts_reading.WORDS["crs"]} == {*SYSTEMS, NONE, DEGREES}


def test_every_part_of_a_reading_has_a_name() -> None:
    assert {*texts_reading.PARTS} == {*Reading.model_fields} - {"columns", "chosen"}
    assert part_name("end_line") == texts_reading.PARTS["end_line"]
    assert part_name("columns.사고.일.unit") == "사고.일 · 단위"
    assert part_name("columns.사고.일") == "사고.일"
    with pytest.raises(LookupError):
        part_name("unknown")
