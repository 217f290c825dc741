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


def test_eclo_is_the_weighted_sum_of_the_casualties_of_old_records_and_given_in_new_ones(tmp_path: Path) -> None:
    casualties = {"사망자수": 1, "중상자수": 2, "경상자수": 3, "부상신고자수": 4}
    records = read_records(write_files(tmp_path, [casualties], [{"ECLO": 7}]))
    assert records["eclo"].tolist() == [1 * 10 + 2 * 5 + 3 * 3 + 4 * 1, 7]


def test_both_forms_of_dates_are_read_and_the_weekday_follows_from_the_date(tmp_path: Path) -> None:
    old = [{"사고일시": "2008년 12월 31일 18시"}, {"사고일시": "2016년 1월 1일 01시"}]
    new = [{"사고일시": "2019-01-01 00", "요일": "일요일"}, {"사고일시": "2020-02-29 07"}]
    assert [accident[-5:] + accident[4:5] for accident in accidents(read_records(write_files(tmp_path, old, new)))] == [
        ("수요일", 18, 2008, 12, 31, "퇴근시간대"),
        ("금요일", 1, 2016, 1, 1, "심야"),
        ("화요일", 0, 2019, 1, 1, "심야"),
        ("토요일", 7, 2020, 2, 29, "출근시간대"),
    ]


def test_label_of_an_earlier_period_becomes_the_one_in_use_also_in_a_question(tmp_path: Path) -> None:
    old_rows = [{_KOREAN[column]: old} for column, old, _ in _RENAMED]
    records = read_records(write_files(tmp_path, old_rows, [])).to_dict("records")
    vocabulary, allowed = Vocabulary(DESCRIPTION["allowed"]), DESCRIPTION["allowed"]
    (accident,) = accidents(read_records(write_files(tmp_path, [], [{}])))
    for record, (column, old, new) in zip(records, _RENAMED, strict=True):
        renamed: dict[str, Any] = {column: old}
        assert record[column] == getattr(vocabulary.read(accident._replace(**renamed)).accident, column) == new
        assert (new in allowed[column], old in allowed[column]) == (True, False)


def test_detail_of_the_accident_type_is_cut(tmp_path: Path) -> None:
    old = [{"사고유형": "차대사람 - 횡단중"}, {"사고유형": "차량단독 - 공작물충돌"}]
    records = read_records(write_files(tmp_path, old, [{"사고유형": "차대차"}]))
    assert records["accident_type"].tolist() == ["차대사람", "차량단독", "차대차"]


def test_records_come_in_the_order_of_time_without_those_that_name_no_town(tmp_path: Path) -> None:
    old = [{"사고일시": "2018년 5월 1일 09시"}, {"사고일시": "2018년 4월 30일 23시"}, {"시군구": "대구광역시 수성구"}]
    records = read_records(write_files(tmp_path, old, [{}]))
    assert records["moment"].is_monotonic_increasing
    assert records.index.tolist() == [0, 1, 2]


@pytest.mark.needs_data
def test_real_labels_are_those_the_model_knows(real_records: pd.DataFrame) -> None:
    assert len(real_records) == DESCRIPTION["training_rows"]
    for column, allowed in DESCRIPTION["allowed"].items():
        assert set(real_records[column]) == set(allowed) - set(UNTRAINED_DISTRICTS)
    vocabulary = Vocabulary(DESCRIPTION["allowed"])
    for accident in accidents(real_records.iloc[::97]):
        assert vocabulary.read(accident) == (accident, ())


@pytest.mark.needs_data
def test_mean_eclo_drifts_down_as_the_sources_say(real_records: pd.DataFrame) -> None:
    means = real_records.groupby("accident_year")["eclo"].mean()
    assert means[[2007, 2018, 2019, 2020]].tolist() == pytest.approx([5.72, 4.88, 4.84, 4.72], abs=0.01)
