import pytest

from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.parts.column_roles import columns_for, suitable_columns
from tests.unit.streamlit_client import samples
from tests.unit.streamlit_client.samples import column

PROFILE = Profile(
    **dict(samples.PROFILE)
    | {
        "rows": 100,
        "columns_info": (
            column("연번", unique=100, meaning="serial"),
            column("우편번호", type="text", unique=12, meaning="code"),
            column("이름", type="text", unique=100),
            column("주소", type="text", unique=30, meaning="address"),
            column("위도", type="number", unique=98, meaning="latitude"),
            column("경도", type="number", unique=97, meaning="longitude"),
            column("위치", type="text", unique=3, meaning="position"),
            column("사고일시", type="date", unique=95),
            column("사고연도", unique=5, meaning="year"),
            column("사망자수", unique=4, meaning="count"),
            column("인구", unique=100, meaning="count"),
            column("사고유형", type="text", unique=3),
            column("시도", type="text", unique=1, meaning="region"),
            column("야간", type="boolean", unique=2),
            column("ECLO", type="number", unique=30),
        ),
        "date_columns": ("사고일시",),
    }
)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("number", ["사망자수", "인구", "ECLO"]),
        ("label", ["사고유형", "야간"]),
        ("date", ["사고일시"]),
        ("", ["사고일시", "사고연도", "사망자수", "인구", "사고유형", "시도", "야간", "ECLO"]),
    ],
)
def test_keys_and_positions_suit_nothing_and_the_others_their_kind(kind: str, names: list[str]) -> None:
    assert suitable_columns(kind, PROFILE) == names


def test_all_columns_can_be_chosen_and_the_suitable_ones_come_first() -> None:
    names = columns_for("label", PROFILE)
    assert names[:2] == ["사고유형", "야간"]
    assert sorted(names) == sorted(PROFILE.names())


def test_numbers_with_few_values_come_before_what_is_no_number() -> None:
    few = (column("구군", type="text", unique=2), column("건수", unique=2))
    profile = Profile(**dict(samples.PROFILE) | {"rows": 2, "columns_info": few})
    assert columns_for("number", profile) == ["건수", "구군"]
