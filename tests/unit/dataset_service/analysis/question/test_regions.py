"""The regions of rows as columns."""

import pytest

from dataset_service.analysis.question.narrow import narrow
from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.reading import ColumnReading
from servicekit.question import Narrowing
from tests.unit.dataset_service.analysis.question.narrowing import cells, narrowed, refused
from tests.unit.dataset_service.analysis.sample_frames import frame_of

_REGION = ColumnReading(meaning=Meaning.REGION)
TOWNS = frame_of(
    {
        "시군구": [
            "대구광역시 서구 내당동", "대구광역시 달서구 상인동", "대구 서구 비산동", "서울특별시 중구", "대구광역시",
            None, "세종특별자치시 한솔동",
        ],
        "건수": [1, 2, 3, 4, 5, 6, 7],
    },
    시군구=_REGION,
)  # fmt: skip
CITIES = frame_of(
    {"시도": ["대구", "대구", "서울", "부산", None], "구": ["중구", "서구", "중구", "중구", "달서구"]},
    시도=_REGION,
    구=_REGION,
)
POINTS = frame_of({"위도": [35.8714, 37.5636, None, 20.0], "경도": [128.5911, 126.9976, 127.0, 120.0]})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "시군구:시도",
            ["대구광역시", "대구광역시", "대구광역시", "서울특별시", "대구광역시", None, "세종특별자치시"],
        ),
        (
            "시군구:시군구",
            [
                "대구광역시 서구", "대구광역시 달서구", "대구광역시 서구", "서울특별시 중구", None, None,
                "세종특별자치시",
            ],
        ),
        ("시군구:sigungu", None),
        (
            "시군구:읍면동",
            [
                "대구광역시 서구 내당동", "대구광역시 달서구 상인동", "대구광역시 서구 비산동", None, None, None,
                "세종특별자치시 한솔동",
            ],
        ),
    ],
)  # fmt: skip
def test_levels_of_regions_are_columns(name: str, values: list[str | None] | None) -> None:
    found = narrowed(TOWNS, [name])
    assert cells(found, name) == (values or cells(narrowed(TOWNS, ["시군구:시군구"]), "시군구:시군구"))
    assert found.frame.columns[list(found.frame.columns)[-1]].meaning == Meaning.REGION


def test_columns_of_levels_name_a_region_together() -> None:
    expected = ["대구광역시 중구", "대구광역시 서구", "서울특별시 중구", "부산광역시 중구", "대구광역시 달서구"]
    assert cells(narrowed(CITIES, ["구:시군구"]), "구:시군구") == expected
    assert cells(narrowed(CITIES, ["시도:시군구"]), "시도:시군구") == expected


def test_tables_without_meanings_are_tried() -> None:
    frame = frame_of({"주소": ["대구광역시 서구 국채보상로 257", "대구광역시 중구 공평로 88 (동인동1가)"]})
    assert cells(narrowed(frame, ["주소:시군구"]), "주소:시군구") == ["대구광역시 서구", "대구광역시 중구"]


def test_positions_lie_in_regions() -> None:
    found = narrow(POINTS, Narrowing(), ["경도:시도"])
    assert cells(found, "경도:시도") == ["대구광역시", "서울특별시", None, None]
    assert found.code == ("# `경도:시도` 열은 이 열을 골라 내려받은 표에 있습니다.",)


def test_codes_of_regions_stand_by_category() -> None:
    column = narrowed(TOWNS, ["시군구:시군구"]).frame.columns["시군구:시군구"]
    assert column.region_codes == ("11140", "27170", "27290", "36110")


def test_rows_without_a_region_are_counted() -> None:
    (note,) = narrowed(TOWNS, ["시군구:시군구"]).notes
    assert note == "`시군구:시군구`: 지역을 찾지 못한 1행은 빈 값입니다 (예: `대구광역시`)."


@pytest.mark.parametrize("written", ["서구", "대구광역시 서구", "대구 서구", "대구서구"])
def test_last_name_of_a_region_is_enough_if_it_is_the_only_one(written: str) -> None:
    found = narrowed(TOWNS, where=[{"column": "시군구:시군구", "value": written}])
    assert cells(found, "건수") == [1, 3]


def test_name_that_several_regions_have_is_refused_with_all_of_them() -> None:
    path, message = refused(CITIES, where=[{"column": "구:시군구", "operator": "!=", "value": ["서구", "중구"]}])
    assert path == "where[0].value"
    assert "3곳" in message
    assert all(name in message for name in ("`대구광역시 중구`", "`부산광역시 중구`", "`서울특별시 중구`"))


def test_finer_level_than_the_column_has_is_refused() -> None:
    assert refused(CITIES, {"시도:읍면동": "groups[0]"})[1].endswith("만들 수 있는 것: 시도, 시군구.")


def test_code_for_many_texts_uses_the_codes_of_the_download() -> None:
    frame = frame_of({"주소": [f"대구광역시 서구 국채보상로 {number}" for number in range(1, 600)]})
    remark, line = narrow(frame, Narrowing(), ["주소:시군구"]).code
    assert remark.startswith("# `지역 코드` 열은")
    assert "df['지역 코드'].str[:5].map({'27170': '대구광역시 서구'})" in line


def test_text_in_other_names_of_regions_is_noted_with_what_would_do() -> None:
    found = narrowed(TOWNS, where=[{"column": "시군구", "operator": "contains", "value": "서구"}])
    assert cells(found, "건수") == [1, 2, 3]
    assert found.notes == (
        "`시군구`: `서구` 글자는 `대구광역시 달서구 상인동` 같은 값에도 들어 있습니다. "
        "지역으로 고르려면 `시군구:시군구`처럼 단계를 붙인 열을 써주세요.",
    )
    (note,) = narrowed(TOWNS, where=[{"column": "시군구", "value": "서구"}]).notes
    assert note.endswith("지역으로 고르려면 `시군구:시군구`처럼 단계를 붙인 열을 써주세요.")
    assert not narrowed(TOWNS, where=[{"column": "시군구", "operator": "contains", "value": "달서구"}]).notes


def test_rows_that_name_a_former_province_are_told() -> None:
    frame = frame_of({"시도": ["경북", "경북", "대구"], "구": ["군위군", "경주시", "중구"]}, 시도=_REGION, 구=_REGION)
    found = narrowed(frame, ["시도:시도"])
    assert cells(found, "시도:시도") == ["대구광역시", "경상북도", "대구광역시"]
    assert found.notes == (
        "`시도:시도`: 다른 시도로 적힌 1행은 지금의 행정구역으로 셉니다 (예: `경북 군위군` → `대구광역시`).",
    )


def test_text_that_is_no_region_is_refused_and_a_region_without_rows_is_none() -> None:
    path, message = refused(TOWNS, where=[{"column": "시군구:시군구", "value": "서귀"}])
    assert (path, "지역을 하나로 알 수 없습니다" in message) == ("where[0].value", True)
    assert cells(narrowed(TOWNS, where=[{"column": "시군구:시군구", "value": "대구광역시 남구"}]), "건수") == []
