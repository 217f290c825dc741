"""The example dataset of a first run: synthetic accidents with the proportions of real ones, and named so.

No row is a real accident. Only the shares in proportions.json are real; it names their source.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

NAME = "예시(합성) 대구 교통사고"
FILE_NAME = "예시_합성_대구_교통사고.csv"
DESCRIPTION = "공개된 사고 통계의 비율로 만든 합성 데이터입니다. 실제 사고가 아닙니다."
ROWS = 15_000
COLUMNS = (
    "사고번호", "사고일시", "사고연도", "사고월", "사고일", "사고시", "요일", "주야",
    "구군", "동", "시군구", "위도", "경도",
    "기상상태", "노면상태", "도로형태", "사고유형", "사고유형상세", "법규위반",
    "가해차종", "가해운전자연령", "가해운전자성별", "피해차종",
    "사망자수", "중상자수", "경상자수", "부상신고자수", "ECLO",
)  # fmt: skip
_PROPORTIONS = Path(__file__).with_name("proportions.json")
_SEED = 20_261_125
_FIRST, _LAST = date(2021, 1, 1), date(2023, 12, 31)
_WEEKDAYS = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
_CASUALTIES = {"사망자수": 10, "중상자수": 5, "경상자수": 3, "부상신고자수": 1}
_TOWN_SPREAD_DEGREES = 0.004  # some 400 m around the centre of a town


def demo_csv(rows: int = ROWS) -> bytes:
    """Returns the file, UTF-8 with BOM; deterministic for a number of rows."""
    proportions: Mapping[str, Any] = json.loads(_PROPORTIONS.read_text("utf-8"))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(proportions, np.random.default_rng(_SEED), rows))
    return out.getvalue().encode("utf-8-sig")


def _rows(proportions: Mapping[str, Any], random: np.random.Generator, rows: int) -> list[list[Any]]:
    days, hours = _moments(proportions, random, rows)
    towns = proportions["towns"]
    town_of = _pick(random, {name: town[0] for name, town in towns.items()}, rows)
    offsets = random.normal(0.0, _TOWN_SPREAD_DEGREES, (rows, 2)).tolist()
    weather = _pick(random, proportions["weather"], rows)
    surface = _pick_by(random, weather, proportions["surface_by_weather"])
    kinds = _pick(random, {name: kind["share"] for name, kind in proportions["kinds"].items()}, rows)
    road, violation, vehicle, gender, victim, decade = (
        _pick(random, proportions[name], rows)
        for name in ("road_type", "violation", "vehicle", "gender", "victim", "age_decades")
    )
    ages = random.integers(0, 10, rows).tolist()
    casualties = _casualties(proportions, random, kinds)
    table = []
    for index, (day, hour) in enumerate(zip(days, hours, strict=True)):
        county, town = town_of[index].split()
        _, north, east = towns[town_of[index]]
        kind, _, detail = kinds[index].partition(" - ")
        eclo = sum(count * weight for count, weight in zip(casualties[index], _CASUALTIES.values(), strict=True))
        table.append(
            [
                f"예시-{index + 1:05}", f"{day:%Y-%m-%d} {hour:02}:00", day.year, day.month, day.day, hour,
                _WEEKDAYS[day.weekday()], "주간" if 7 <= hour < 19 else "야간",
                county, town, f"대구광역시 {county} {town}",
                f"{north + offsets[index][0]:.6f}", f"{east + offsets[index][1]:.6f}",
                weather[index], surface[index], road[index], kind, detail, violation[index],
                vehicle[index], int(decade[index]) + ages[index], gender[index],
                "보행자" if kind == "차대사람" else "" if kind == "차량단독" else victim[index],
                *casualties[index], eclo,
            ]
        )  # fmt: skip
    return table


def _moments(
    proportions: Mapping[str, Any], random: np.random.Generator, rows: int
) -> tuple[Sequence[date], Sequence[int]]:
    all_days = [_FIRST + timedelta(days=number) for number in range((_LAST - _FIRST).days + 1)]
    hours_by_weekday = proportions["hours_by_weekday"]
    weights = [proportions["months"][day.month - 1] * sum(hours_by_weekday[day.weekday()]) for day in all_days]
    days = [all_days[number] for number in np.sort(random.choice(len(all_days), rows, p=_shares(weights)))]
    by_hour = {str(day): dict(zip(map(str, range(24)), row, strict=True)) for day, row in enumerate(hours_by_weekday)}
    return days, [int(hour) for hour in _pick_by(random, [str(day.weekday()) for day in days], by_hour)]


def _casualties(
    proportions: Mapping[str, Any], random: np.random.Generator, kinds: Sequence[str]
) -> Sequence[Sequence[int]]:
    drawn = []
    for name in _CASUALTIES:
        by_kind = {
            kind: dict(zip("0123", facts["casualties"][name], strict=True))
            for kind, facts in proportions["kinds"].items()
        }
        drawn.append([int(count) for count in _pick_by(random, kinds, by_kind)])
    # Every recorded accident has at least one injured person.
    return [counts if any(counts) else (0, 0, 0, 1) for counts in zip(*drawn, strict=True)]


def _pick(random: np.random.Generator, shares: Mapping[str, float], rows: int) -> list[str]:
    labels = list(shares)
    return [labels[number] for number in random.choice(len(labels), rows, p=_shares(list(shares.values())))]


def _pick_by(
    random: np.random.Generator, groups: Sequence[str], shares_by_group: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """Returns a random label for each row, with the shares of the row's group."""
    picked = [""] * len(groups)
    for group, shares in shares_by_group.items():
        members = [index for index, name in enumerate(groups) if name == group]
        for index, label in zip(members, _pick(random, shares, len(members)), strict=True):
            picked[index] = label
    return picked


def _shares(weights: Sequence[float]) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = np.asarray(weights, dtype=np.float64)
    return values / float(values.sum())
