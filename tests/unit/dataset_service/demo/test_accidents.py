"""The example dataset: as large as promised, always the same, plausible, and plainly made up."""

import csv
import io
from collections import Counter

from dataset_service.demo.accidents import demo_csv

SMALL = 1_000


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_example_is_always_the_same() -> None:
    assert demo_csv(SMALL) == demo_csv(SMALL)


def test_every_row_has_a_position_in_daegu_and_an_eclo_of_its_casualties() -> None:
    for row in rows_of(demo_csv(SMALL)):
        assert 35.5 < float(row["위도"]) < 36.1
        assert 128.3 < float(row["경도"]) < 128.85
        weights = {"사망자수": 10, "중상자수": 5, "경상자수": 3, "부상신고자수": 1}
        assert int(row["ECLO"]) == sum(int(row[name]) * weight for name, weight in weights.items()) >= 1
        assert row["시군구"] == f"대구광역시 {row['구군']} {row['동']}"


def test_proportions_are_those_of_real_accidents() -> None:
    rows = rows_of(demo_csv(5_000))
    kinds = Counter(row["사고유형"] for row in rows)
    hours = Counter(int(row["사고시"]) for row in rows)
    assert 0.72 < kinds["차대차"] / len(rows) < 0.82
    assert hours.most_common(1)[0][0] in {17, 18, 19}
    assert 4.0 < sum(int(row["ECLO"]) for row in rows) / len(rows) < 6.5
