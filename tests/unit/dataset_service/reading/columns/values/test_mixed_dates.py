import pyarrow as pa
import pytest

from dataset_service.reading.columns.values.mixed_dates import are_mixed_dates


@pytest.mark.parametrize(
    ("texts", "are_dates"),
    [
        (("2023", "2024.1/4", "2024-02"), True),
        (("2024년", "2024년 1월", "2024년 1월 2일", None), True),
        (("2024", "2024-01", "미정 1"), False),
        (("2024-01", "2024년 상반기"), False),
        (("2023", "2023.01", "2023.12"), True),
        (("2023", "202301"), True),
        (("2023", "2024"), False),
        (("2024-01", "2024-02"), False),
        ((None,), False),
    ],
)
def test_years_quarters_months_and_days_together_are_mixed(texts: tuple[str | None, ...], are_dates: bool) -> None:
    assert are_mixed_dates(pa.array(texts, pa.string()), "시점") is are_dates
