import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from model.records import LABELS, accidents, read_records
from model.train import DIRECTORY
from prediction_service.accident import UNTRAINED_DISTRICTS, Vocabulary
from prediction_service.model import DESCRIPTION_FILE
from tests.unit.model.samples import write_files

DESCRIPTION = json.loads((DIRECTORY / DESCRIPTION_FILE).read_text("utf-8"))
_KOREAN = {"road_surface": "노면상태", "road_type": "도로형태", "district": "시군구"}
_RENAMED = [(column, old, new) for column, labels in LABELS.items() for old, new in labels.items()]


def test_eclo_of_an_old_record_is_the_weighted_sum_of_its_casualties(tmp_path: Path) -> None:
    casualties = {"사망자수": 1, "중상자수": 2, "경상자수": 3, "부상신고자수": 4}
    (record,) = read_records(write_files(tmp_path, [casualties], [])).itertuples()
    assert record.eclo == 1 * 10 + 2 * 5 + 3 * 3 + 4 * 1 == 33


def test_eclo_of_a_new_record_is_taken_as_it_is(tmp_path: Path) -> None:
    (record,) = read_records(write_files(tmp_path, [], [{"ECLO": 7}])).itertuples()
    assert record.eclo == 7


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2016년 1월 1일 01시", None, (2016, 1, 1, 1, "금요일", "심야")),
        ("2008년 12월 31일 18시", None, (2008, 12, 31, 18, "수요일", "퇴근시간대")),
        (None, "2019-01-01 00", (2019, 1, 1, 0, "화요일", "심야")),
        (None, "2020-02-29 07", (2020, 2, 29, 7, "토요일", "출근시간대")),
    ],
)
def test_both_forms_of_dates_are_read(
    tmp_path: Path, old: str | None, new: str | None, expected: tuple[object, ...]
) -> None:
    old_rows = [{"사고일시": old}] if old else []
    new_rows = [{"사고일시": new}] if new else []
    (found,) = accidents(read_records(write_files(tmp_path, old_rows, new_rows)))
    date_and_hour = (found.accident_year, found.accident_month, found.accident_day, found.accident_hour)
    assert (*date_and_hour, found.day_of_week, found.time_period) == expected


def test_weekday_follows_from_the_date_whatever_the_file_says(tmp_path: Path) -> None:
    (found,) = accidents(read_records(write_files(tmp_path, [], [{"요일": "일요일"}])))
    assert found.day_of_week == "화요일"


@pytest.mark.parametrize(("column", "old", "new"), _RENAMED)
def test_label_of_an_earlier_period_becomes_the_one_in_use(tmp_path: Path, column: str, old: str, new: str) -> None:
    (record,) = read_records(write_files(tmp_path, [{_KOREAN[column]: old}], [])).to_dict("records")
    assert record[column] == new
    assert new in DESCRIPTION["allowed"][column]
    assert old not in DESCRIPTION["allowed"][column]


@pytest.mark.parametrize(("column", "old", "new"), _RENAMED)
def test_label_of_an_earlier_period_means_the_same_in_a_question(
    tmp_path: Path, column: str, old: str, new: str
) -> None:
    (accident,) = accidents(read_records(write_files(tmp_path, [], [{}])))
    renamed: dict[str, Any] = {column: old}
    asked = Vocabulary(DESCRIPTION["allowed"]).read(accident._replace(**renamed)).accident
    assert getattr(asked, column) == new


def test_detail_of_the_accident_type_is_cut(tmp_path: Path) -> None:
    old = [{"사고유형": "차대사람 - 횡단중"}, {"사고유형": "차량단독 - 공작물충돌"}]
    records = read_records(write_files(tmp_path, old, [{"사고유형": "차대차"}]))
    assert records["accident_type"].tolist() == ["차대사람", "차량단독", "차대차"]


def test_record_without_a_town_is_left_out(tmp_path: Path) -> None:
    records = read_records(write_files(tmp_path, [{"시군구": "대구광역시 수성구"}, {}], []))
    assert records["district"].tolist() == ["대구광역시 수성구 상동"]


def test_records_come_in_the_order_of_time(tmp_path: Path) -> None:
    old = [{"사고일시": "2018년 5월 1일 09시"}, {"사고일시": "2018년 4월 30일 23시"}]
    records = read_records(write_files(tmp_path, old, [{}]))
    assert records["moment"].is_monotonic_increasing
    assert records.index.tolist() == [0, 1, 2]


@pytest.mark.needs_data
def test_real_labels_are_those_the_model_knows(real_records: pd.DataFrame) -> None:
    assert len(real_records) == DESCRIPTION["training_rows"]
    for column, allowed in DESCRIPTION["allowed"].items():
        assert set(real_records[column]) == set(allowed) - set(UNTRAINED_DISTRICTS)


@pytest.mark.needs_data
def test_real_records_are_read_by_the_vocabulary_without_a_warning(real_records: pd.DataFrame) -> None:
    vocabulary = Vocabulary(DESCRIPTION["allowed"])
    for accident in accidents(real_records.iloc[::97]):
        assert vocabulary.read(accident) == (accident, ())


@pytest.mark.needs_data
def test_mean_eclo_drifts_down_as_the_sources_say(real_records: pd.DataFrame) -> None:
    means = real_records.groupby("accident_year")["eclo"].mean()
    assert means[[2007, 2018, 2019, 2020]].tolist() == pytest.approx([5.72, 4.88, 4.84, 4.72], abs=0.01)
