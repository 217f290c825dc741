"""Reads the police records of 2007 to 2020 as one table with one set of labels.

Source: Daegu traffic accidents of the Korea Road Traffic Authority (TAAS), data.go.kr 15075668 for 2007-2018, and the
training rows of DACON competition 236193 for 2019 and 2020. The label sets differ by period; LABELS and the two
functions below unify them.
"""

from pathlib import Path

import pandas as pd

from prediction_service.accident import FIELDS, WEEKDAYS, Accident, time_period_of

OLD_FILES = tuple(f"daegu_accidents_{years}.csv" for years in ("2007_2009", "2010_2012", "2013_2015", "2016_2018"))
NEW_FILE = "daegu_accidents_2019_2020.csv"

_COLUMNS = {
    "기상상태": "weather",
    "노면상태": "road_surface",
    "도로형태": "road_type",
    "사고유형": "accident_type",
    "시군구": "district",
}
LABELS = {
    "road_surface": {"습기": "젖음/습기", "결빙": "서리/결빙"},
    "road_type": {"단일로 - 횡단보도상": "단일로 - 기타", "단일로 - 횡단보도부근": "단일로 - 기타"},
    "district": {
        "대구광역시 달성군 옥포면": "대구광역시 달성군 옥포읍",
        "대구광역시 달성군 유가면": "대구광역시 달성군 유가읍",
        "대구광역시 달성군 현풍면": "대구광역시 달성군 현풍읍",
        "대구광역시 달성군 논공읍공단출장": "대구광역시 달성군 논공읍",
        "대구광역시 달성군 다사읍서재출장": "대구광역시 달성군 다사읍",
    },
}
_CASUALTY_WEIGHTS = {"사망자수": 10, "중상자수": 5, "경상자수": 3, "부상신고자수": 1}


def read_records(directory: Path) -> pd.DataFrame:
    """Returns one row per accident, ordered by time: the eleven inputs under their contract names, and `eclo`.

    Rows whose district names no 동/읍/면 are left out: such a place cannot be requested.
    """
    old = pd.concat([_read_old(directory / name) for name in OLD_FILES])
    records = pd.concat([old, _read_new(directory / NEW_FILE)])
    records = records[records["district"].str.count(" ") == 2]
    return records.sort_values("moment", kind="stable").reset_index(drop=True)


def accidents(records: pd.DataFrame) -> list[Accident]:
    """Returns the inputs of the records as domain objects."""
    return list(map(Accident._make, zip(*(records[field.name].tolist() for field in FIELDS), strict=True)))


def _read_old(path: Path) -> pd.DataFrame:
    raw = pd.read_csv(path, encoding="utf-8-sig")
    eclo = raw[list(_CASUALTY_WEIGHTS)].mul(pd.Series(_CASUALTY_WEIGHTS)).sum(axis="columns")
    parts = raw["사고일시"].str.extract(r"(\d+)년 (\d+)월 (\d+)일 (\d+)시").astype(int)
    parts.columns = pd.Index(["year", "month", "day", "hour"])
    return _normalised(raw, pd.to_datetime(parts), eclo)


def _read_new(path: Path) -> pd.DataFrame:
    raw = pd.read_csv(path, encoding="utf-8")
    return _normalised(raw, pd.to_datetime(raw["사고일시"], format="%Y-%m-%d %H"), raw["ECLO"])


def _normalised(raw: pd.DataFrame, moment: pd.Series, eclo: pd.Series) -> pd.DataFrame:
    records = raw[list(_COLUMNS)].rename(columns=_COLUMNS)
    records["accident_type"] = records["accident_type"].str.split(" - ").str[0]  # the detail is not an input
    for column, labels in LABELS.items():
        records[column] = records[column].replace(labels)
    records["time_period"] = moment.dt.hour.map(time_period_of)
    records["day_of_week"] = moment.dt.day_of_week.map(dict(enumerate(WEEKDAYS)))
    for part in ("hour", "year", "month", "day"):
        records[f"accident_{part}"] = getattr(moment.dt, part)
    return records.assign(moment=moment, eclo=eclo.astype(float))
