import pytest

from streamlit_client.backend.contract_datasets import Column, Coordinates, Profile
from streamlit_client.parts.column_roles import columns_for, suitable_columns
from tests.unit.streamlit_client import samples


def column(name: str, kind: str, unique: int) -> Column:
    return Column.model_validate(
        {"name": name, "type": kind, "unique": unique, "missing": 0, "sample": (), "minimum": None, "maximum": None}
    )


PROFILE = Profile(
    **dict(samples.PROFILE)
    | {
        "rows": 100,
        "columns_info": (
            column("연번", "integer", 100),
            column("우편번호", "integer", 12),
            column("client_id", "text", 9),
            column("주소", "text", 100),
            column("위도", "number", 98),
            column("경도", "number", 97),
            column("사고일시", "date", 95),
            column("사고연도", "integer", 5),
            column("사망자수", "integer", 4),
            column("사고유형", "text", 3),
            column("시도", "text", 1),
            column("야간", "boolean", 2),
            column("ECLO", "number", 30),
        ),
        "date_columns": ("사고일시",),
        "coordinates": Coordinates(latitude="위도", longitude="경도"),
    }
)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("number", ["사망자수", "ECLO"]),
        ("label", ["사고유형", "야간"]),
        ("date", ["사고일시"]),
        ("", ["사고일시", "사고연도", "사망자수", "사고유형", "시도", "야간", "ECLO"]),
    ],
)
def test_keys_and_positions_suit_nothing_and_the_others_their_kind(kind: str, names: list[str]) -> None:
    assert suitable_columns(kind, PROFILE) == names


def test_all_columns_can_be_chosen_and_the_suitable_ones_come_first() -> None:
    names = columns_for("label", PROFILE)
    assert names[:2] == ["사고유형", "야간"]
    assert sorted(names) == sorted(PROFILE.names())
