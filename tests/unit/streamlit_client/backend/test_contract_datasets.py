import pytest

from tests.unit.streamlit_client.samples import column


@pytest.mark.parametrize(
    ("name", "unit", "title"),
    [
        ("금액", "원", "금액 (원)"),
        ("거래금액(만원)", "만원", "거래금액(만원)"),
        ("기온 [℃]", "°C", "기온 [℃]"),
        ("면적（㎡）", "m²", "면적（㎡）"),
        ("사업명 수", "명", "사업명 수 (명)"),
        ("종사자수(계)", "명", "종사자수(계) (명)"),
        ("연도", None, "연도"),
    ],
)
def test_title_of_a_column_has_its_unit_once(name: str, unit: str | None, title: str) -> None:
    assert column(name, unit=unit).title == title
