"""The inputs and the severity scale of the model behind the pages under test: ECLO is 1 + the hour."""

from collections.abc import Mapping, Sequence
from typing import Any

ALLOWED: Mapping[str, Sequence[str]] = {
    "weather": ("맑음", "비", "흐림", "비옴", "눈", "안개"),
    "road_surface": ("건조", "젖음/습기", "기타", "서리/결빙", "적설", "침수"),
    "road_type": (
        "단일로 - 기타", "교차로 - 교차로안", "교차로 - 교차로부근", "기타 - 기타", "교차로 - 교차로횡단보도내",
        "단일로 - 교량", "단일로 - 터널",
    ),
    "accident_type": ("차대차", "차대사람", "차량단독"),
    "time_period": ("일반시간대", "심야", "퇴근시간대", "출근시간대"),
    "district": (
        "대구광역시 남구 대명동", "대구광역시 남구 봉덕동", "대구광역시 달성군 다사읍", "대구광역시 수성구 상동",
        "대구광역시 수성구 범어동", "대구광역시 중구 동인동1가",
    ),
    "day_of_week": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
}  # fmt: skip
RANGES: Mapping[str, Mapping[str, int]] = {
    "accident_hour": {"minimum": 0, "maximum": 23},
    "accident_year": {"minimum": 2007, "maximum": 2040},
    "accident_month": {"minimum": 1, "maximum": 12},
    "accident_day": {"minimum": 1, "maximum": 31},
}
TYPICAL = {name: values[0] for name, values in ALLOWED.items()} | {
    "accident_hour": "18", "accident_year": "2020", "accident_month": "10", "accident_day": "14",
}  # fmt: skip
WORDS, SHARES = ("경미", "일반", "심각", "매우 심각"), (0.2, 0.6, 0.15, 0.05)
QUANTILES = tuple(1 + 0.25 * share for share in range(101))
LIMITS: Sequence[Mapping[str, float]] = (
    {"maximum_eclo": 6.0},
    {"minimum_eclo": 6.0, "maximum_eclo": 21.0},
    {"minimum_eclo": 21.0, "maximum_eclo": 24.75},
    {"minimum_eclo": 24.75},
)


def eclo_of(accident: Mapping[str, Any]) -> float:
    """Returns the ECLO that is predicted."""
    return 1.0 + int(accident["accident_hour"])


def word_of(eclo: float) -> str:
    """Returns the severity word of an ECLO."""
    return next(word for word, limits in zip(WORDS, LIMITS, strict=True) if eclo < limits.get("maximum_eclo", eclo + 1))
