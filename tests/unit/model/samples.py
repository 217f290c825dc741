"""Records for tests: files in the two forms the sources have, and a table as `read_records` returns it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.records import NEW_FILE, OLD_FILES
from prediction_service.accident import WEEKDAYS, time_period_of

DISTRICTS = ("대구광역시 수성구 상동", "대구광역시 수성구 범어동", "대구광역시 중구 덕산동", "대구광역시 달성군 옥포읍")
ROAD_TYPES = ("단일로 - 기타", "교차로 - 교차로안")
OLD_ROW = {
    "사고일시": "2016년 1월 1일 01시",
    "요일": "금요일",
    "기상상태": "맑음",
    "시군구": "대구광역시 수성구 상동",
    "도로형태": "단일로 - 기타",
    "노면상태": "건조",
    "사고유형": "차대차 - 추돌",
    "사망자수": 0,
    "중상자수": 0,
    "경상자수": 1,
    "부상신고자수": 0,
}
NEW_ROW = {
    "ID": "ACCIDENT_00000",
    "사고일시": "2019-01-01 00",
    "요일": "화요일",
    "기상상태": "맑음",
    "시군구": "대구광역시 중구 덕산동",
    "도로형태": "교차로 - 교차로안",
    "노면상태": "건조",
    "사고유형": "차대사람",
    "ECLO": 5,
}


def write_files(directory: Path, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Path:
    """Writes the five files; each old row is `OLD_ROW` with changes, each new row `NEW_ROW`. Returns the folder."""
    for name in OLD_FILES[:-1]:
        pd.DataFrame([OLD_ROW]).iloc[:0].to_csv(directory / name, index=False, encoding="utf-8-sig")
    old_rows = pd.DataFrame([{**OLD_ROW, **row} for row in old], columns=list(OLD_ROW))
    old_rows.to_csv(directory / OLD_FILES[-1], index=False, encoding="utf-8-sig")
    new_rows = pd.DataFrame([{**NEW_ROW, **row} for row in new], columns=list(NEW_ROW))
    new_rows.to_csv(directory / NEW_FILE, index=False, encoding="utf-8")
    return directory


def some_records(rows_a_year: int = 120, first_year: int = 2014) -> pd.DataFrame:
    """Returns made-up records up to 2020, all accident types in each year, whose ECLO depends on type and district."""
    random = np.random.default_rng(7)
    rows = []
    for year in range(first_year, 2021):
        for number in range(rows_a_year):
            moment = datetime(year, 1 + number % 12, int(random.integers(1, 29)), int(random.integers(0, 24)))  # noqa: DTZ001
            accident_type = ("차대차", "차대사람", "차량단독")[number % 3]
            district = str(random.choice(DISTRICTS))
            severity = 3 + 2 * (accident_type == "차대차") + 2 * (district == DISTRICTS[0])
            rows.append(
                {
                    "weather": str(random.choice(["맑음", "비"])),
                    "road_surface": "건조",
                    "road_type": str(random.choice(ROAD_TYPES)),
                    "accident_type": accident_type,
                    "time_period": time_period_of(moment.hour),
                    "district": district,
                    "day_of_week": WEEKDAYS[moment.weekday()],
                    "accident_hour": moment.hour,
                    "accident_year": year,
                    "accident_month": moment.month,
                    "accident_day": moment.day,
                    "moment": pd.Timestamp(moment),
                    "eclo": float(severity + random.integers(0, 4)),
                }
            )
    return pd.DataFrame(rows).sort_values("moment", kind="stable").reset_index(drop=True)
