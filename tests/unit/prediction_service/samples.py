"""Accidents and estimates for tests."""

from prediction_service.accident import Accident
from prediction_service.model import Estimate

# 2020-01-01 was a Wednesday and New Year's Day.
ORDINARY = Accident(
    weather="맑음",
    road_surface="건조",
    road_type="단일로 - 기타",
    accident_type="차대차",
    time_period="일반시간대",
    district="대구광역시 수성구 상동",
    day_of_week="수요일",
    accident_hour=12,
    accident_year=2020,
    accident_month=1,
    accident_day=1,
)


def estimate(eclo: float = 4.5) -> Estimate:
    """Returns an estimate whose numbers differ: they count up from the ECLO in the order of the fields."""
    kinds = Estimate.__annotations__.values()
    return Estimate._make("일반" if kind is str else eclo + place for place, kind in enumerate(kinds))
