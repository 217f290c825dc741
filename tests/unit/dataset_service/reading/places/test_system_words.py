"""Files name the system of their metres in numbers and in words."""

import pytest

from dataset_service.reading.places.system_words import named_systems


@pytest.mark.parametrize(
    ("texts", "usual", "count"),
    [
        (["좌표정보X(EPSG5174)", "좌표정보Y(EPSG5174)"], "EPSG:5174", 1),
        (["X_5179"], "EPSG:5179", 1),
        (["EPSG:32652"], "EPSG:32652", 1),
        (["중부원점(GRS80)"], "EPSG:5186", 3),
        (["GRS80 동부원점TM"], "EPSG:5187", 2),
        (["Bessel 중부원점"], "EPSG:5174", 3),
        (["UTM-K X좌표"], "EPSG:5179", 2),
        (["UTMK_X", "Bessel"], "EPSG:5178", 1),
        (["카텍 X좌표"], "KATEC", 1),
        (["WTM_X"], "EPSG:5181", 1),
        (["KGD2002 / Central Belt 2010"], "EPSG:5186", 3),
        (["tmX"], "EPSG:5186", 17),
    ],
)
def test_words_and_numbers_mean_systems(texts: list[str], usual: str, count: int) -> None:
    systems = named_systems(texts)
    assert (systems[0].name, len(systems)) == (usual, count)


@pytest.mark.parametrize(
    "texts", [["X좌표", "Y좌표"], [], ["2024년 X좌표"], ["GRS80", "Bessel"], ["5179", "EPSG:5174"], ["EPSG:4326"]]
)
def test_other_words_mean_none(texts: list[str]) -> None:
    assert named_systems(texts) == []
