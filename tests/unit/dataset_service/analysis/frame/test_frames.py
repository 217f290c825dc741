import threading
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame, Frames, nearest_texts
from dataset_service.reading.columns.kinds import ColumnKind
from scripts.benchmarks.frames import large_frame
from tests.patience import PATIENCE_SECONDS
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

MIXED: dict[str, Sequence[Any]] = {
    "정수": [3, None, -7, 3],
    "큰 정수": [2**62, -(2**62), None, 0],
    "실수": [1.5, float("nan"), None, float("inf")],
    "글자": ["나", None, "가", "나"],
    "날짜": dates("2019-03-05T13:00", None, "2019-01-01", "2019-03-05T13:00"),
    "참거짓": [True, None, False, True],
    "빈 열": [None, None, None, None],
}


def test_kinds_of_columns_follow_from_the_table() -> None:
    frame = frame_of(MIXED)
    kinds = {name: column.kind for name, column in frame.columns.items()}
    assert kinds == {
        "정수": ColumnKind.INTEGER,
        "큰 정수": ColumnKind.INTEGER,
        "실수": ColumnKind.NUMBER,
        "글자": ColumnKind.TEXT,
        "날짜": ColumnKind.DATE,
        "참거짓": ColumnKind.BOOLEAN,
        "빈 열": ColumnKind.TEXT,
    }


def test_missing_counts_nulls_and_nan() -> None:
    frame = frame_of(MIXED)
    assert {name: column.missing for name, column in frame.columns.items()} == {
        "정수": 1,
        "큰 정수": 1,
        "실수": 2,
        "글자": 1,
        "날짜": 1,
        "참거짓": 1,
        "빈 열": 4,
    }
    for column in frame.columns.values():
        assert np.count_nonzero(column.present) == column.used == 4 - column.missing


def test_cells_are_values_of_json() -> None:
    frame = frame_of(MIXED)
    rows = np.arange(4)
    assert frame.columns["정수"].cells(rows) == [3, None, -7, 3]
    assert frame.columns["큰 정수"].cells(rows) == [2**62, -(2**62), None, 0]
    assert frame.columns["실수"].cells(rows) == [1.5, None, None, "∞"]
    assert frame.columns["글자"].cells(rows) == ["나", None, "가", "나"]
    assert frame.columns["날짜"].cells(rows) == ["2019-03-05 13:00", None, "2019-01-01 00:00", "2019-03-05 13:00"]
    assert frame.columns["참거짓"].cells(rows) == [True, None, False, True]
    assert frame.columns["빈 열"].cells(rows) == [None] * 4


def test_negative_zero_is_zero() -> None:
    column = frame_of({"실수": [-0.0, 0.0, -1.5]}).columns["실수"]
    assert list(map(str, column.labels(column.codes))) == ["0.0", "0.0", "-1.5"]


def test_dates_without_times_are_written_as_days() -> None:
    frame = frame_of({"날": dates("2019-03-05", "2020-02-29"), "때": dates("2019-03-05T13:00:07", "2020-02-29")})
    assert frame.columns["날"].cells(np.arange(2)) == ["2019-03-05", "2020-02-29"]
    assert frame.columns["때"].cells(np.arange(2)) == ["2019-03-05 13:00:07", "2020-02-29 00:00:00"]


@pytest.mark.parametrize("name", ["정수", "큰 정수", "글자", "날짜", "참거짓"])
def test_codes_lead_back_to_the_values(name: str) -> None:
    column = frame_of(MIXED).columns[name]
    present = np.flatnonzero(column.present)
    assert column.labels(column.codes[present]) == column.cells(present)
    assert np.all(column.codes[~column.present] == -1)
    assert column.counts.sum() == column.used
    assert column.unique == len(set(map(str, column.cells(present))))


@pytest.mark.parametrize("name", ["정수 1", "정수 5", "실수 22", "사고일시", "사고번호", "야간", "위도"])
def test_counts_of_many_values_agree_with_pandas(name: str) -> None:
    frame = large_frame(3000)
    column = frame.columns[name]
    expected = frame.to_pandas()[name].value_counts().sort_index()
    assert column.counts.tolist() == expected.tolist()
    present = np.flatnonzero(column.present)
    assert column.labels(column.codes[present]) == column.cells(present)


def test_equal_texts_of_a_dictionary_are_one_category() -> None:
    twice = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None]), pa.array(["가", "가", None]))
    column = Frame(pa.table({"글자": twice})).columns["글자"]
    assert (column.unique, column.missing, column.counts.tolist()) == (1, 2, [2])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([1, 2], pa.uint8()), ColumnKind.INTEGER),
        (pa.array([1, 2**64 - 1], pa.uint64()), ColumnKind.NUMBER),
        (pa.array([1.5, None], pa.float32()), ColumnKind.NUMBER),
        (pa.array([1, None]).cast(pa.decimal128(20)), ColumnKind.NUMBER),
        (pa.array([0, None], pa.date32()), ColumnKind.DATE),
        (pa.array([0, None], pa.timestamp("ns", "Asia/Seoul")), ColumnKind.DATE),
        (pa.array([0, 1], pa.time32("s")), ColumnKind.TEXT),
        (pa.array(["가", None], pa.large_string()), ColumnKind.TEXT),
        (pa.array([5, None]).dictionary_encode(), ColumnKind.INTEGER),
        (pa.nulls(2), ColumnKind.TEXT),
    ],
)
def test_any_type_of_arrow_becomes_one_of_the_kinds(values: pa.Array, kind: ColumnKind) -> None:
    column = Frame(pa.table({"열": values})).columns["열"]
    assert column.kind is kind
    assert len(column.cells(np.arange(2))) == 2


def test_moment_with_a_zone_is_read_as_its_local_time() -> None:
    moment = pa.array([np.datetime64("2019-01-01T00:00", "ms")]).cast(pa.timestamp("ms", "UTC"))
    seoul = moment.cast(pa.timestamp("ms", "Asia/Seoul"))
    assert Frame(pa.table({"때": seoul})).columns["때"].cells(np.arange(1)) == ["2019-01-01 09:00"]


def test_data_frame_for_code_has_plain_types() -> None:
    data = frame_of(MIXED).to_pandas()
    assert data.dtypes.astype(str).to_dict() == {
        "정수": "Int64",
        "큰 정수": "Int64",
        "실수": "float64",
        "글자": "str",
        "날짜": "datetime64[ms]",
        "참거짓": "boolean",
        "빈 열": "str",
    }
    assert data["큰 정수"].tolist() == [2**62, -(2**62), pd.NA, 0]
    whole = frame_of({"정수": [1, 2], "참거짓": [True, False]}).to_pandas()
    assert whole.dtypes.astype(str).tolist() == ["int64", "bool"]


def test_empty_frame_keeps_its_columns() -> None:
    frame = frame_of({"정수": pa.array([], pa.int64()), "글자": pa.array([], pa.string())})
    assert (frame.rows, frame.columns["글자"].unique, frame.columns["정수"].unique) == (0, 0, 0)
    assert frame.to_pandas().shape == (0, 2)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        Frame(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["가", "가"]))


@pytest.mark.parametrize(
    "written", ["사고유형", " 사고 유형 ", "［사고유형］", unicodedata.normalize("NFD", "사고유형")]
)
def test_column_is_found_however_its_name_is_written(written: str) -> None:
    for name in ("사고유형", unicodedata.normalize("NFD", "사고유형")):
        column = frame_of({name: ["가"], "ECLO": [1]}).find(written)
        assert column is not None
        assert column.name == name


def test_name_that_fits_two_columns_is_not_guessed() -> None:
    frame = frame_of({"ID": [1], "id": [2]})
    assert frame.find("Id") is None
    assert sorted(frame.nearest("Id")) == ["ID", "id"]
    exact = frame.find("id")
    assert exact is not None
    assert exact.name == "id"


def test_nearest_names_come_best_first() -> None:
    names = ["사고일시", "사고유형", "기상상태", "요일", "ECLO"]
    assert nearest_texts("사고유헝", names)[0] == "사고유형"
    assert nearest_texts("유형", names) == ["사고유형"]
    assert nearest_texts("eclo 값", names) == ["ECLO"]
    assert nearest_texts("zzz", names) == []


# ---- frames


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"글자": pa.array(["가", "나", None]).dictionary_encode(), "정수": [1, 2, 3]}), path)
    return path


def test_text_of_several_row_groups_has_one_set_of_categories(tmp_path: Path) -> None:
    path = tmp_path / "groups.parquet"
    texts = pa.array([f"값 {number % 7}" for number in range(1000)]).dictionary_encode()
    pq.write_table(pa.table({"글자": texts}), path, row_group_size=90)
    column = Frame.read(path).columns["글자"]
    assert column.unique == 7
    assert column.cells(np.arange(8)) == [f"값 {number % 7}" for number in range(8)]


def test_frame_is_read_once_when_many_ask_at_the_same_time(parquet: Path) -> None:
    readings: list[Path] = []
    may_read = threading.Event()

    def read(path: Path) -> Frame:
        readings.append(path)
        assert may_read.wait(PATIENCE_SECONDS)
        return Frame.read(path)

    frames = Frames(10_000_000, read)
    arrived = threading.Barrier(9)

    def ask() -> Frame:
        arrived.wait(PATIENCE_SECONDS)
        return frames.get("a", "1", parquet)

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask) for _ in range(8)]
        arrived.wait(PATIENCE_SECONDS)
        may_read.set()
        found = {id(future.result(10)) for future in asked}
    assert len(found) == len(readings) == 1


def test_new_content_of_a_dataset_is_another_frame(parquet: Path) -> None:
    frames = Frames(10_000_000)
    first = frames.get("a", "1", parquet)
    assert frames.get("a", "1", parquet) is first
    assert frames.get("a", "2", parquet) is not first
    assert frames.get("b", "1", parquet) is not first


def test_failed_reading_is_told_and_tried_again(parquet: Path) -> None:
    frames = Frames(10_000_000)
    with pytest.raises(FileNotFoundError):
        frames.get("a", "1", parquet.with_name("absent"))
    assert frames.size_bytes == 0
    assert frames.get("a", "1", parquet).rows == 3


def test_frames_used_longest_ago_make_room() -> None:
    made = {name: large_frame(2000, seed=seed) for seed, name in enumerate("abc")}
    size = made["a"].size_bytes
    reads: list[str] = []

    def read(path: Path) -> Frame:
        reads.append(path.name)
        return made[path.name]

    frames = Frames(int(size * 2.5), read)
    for name in ("a", "b", "a", "c", "a"):  # c makes b leave
        frames.get(name, "1", Path(name))
    assert reads == ["a", "b", "c"]
    assert frames.size_bytes <= size * 2.5
    frames.get("b", "1", Path("b"))
    assert reads == ["a", "b", "c", "b"]


def test_frame_that_grew_while_it_was_used_counts_with_what_it_holds_now() -> None:
    made = {name: large_frame(2000, seed=seed) for seed, name in enumerate("ab")}
    frames = Frames(made["a"].size_bytes * 2 + 1000, lambda path: made[path.name])
    first = frames.get("a", "1", Path("a"))
    frames.get("b", "1", Path("b"))
    before = first.size_bytes
    for column in first.columns.values():
        assert len(column.codes) == 2000
    assert first.size_bytes > before + 2000 * 4
    frames.get("b", "1", Path("b"))
    assert frames.size_bytes == made["b"].size_bytes


def test_frame_larger_than_the_bound_is_lent_but_not_kept(parquet: Path) -> None:
    frames = Frames(10)
    assert frames.get("a", "1", parquet).rows == 3
    assert frames.size_bytes == 0


def test_forgotten_dataset_is_read_again(parquet: Path) -> None:
    frames = Frames(10_000_000)
    first = frames.get("a", "1", parquet)
    other = frames.get("b", "1", parquet)
    frames.forget("a")
    assert frames.get("a", "1", parquet) is not first
    assert frames.get("b", "1", parquet) is other


@pytest.mark.parametrize("name", list(MIXED))
def test_part_of_a_column_counts_only_its_own_rows(name: str) -> None:
    whole = frame_of(MIXED)
    part = whole.select(np.array([1, 3])).select(np.array([1, 0])).columns[name]
    alone = frame_of({name: [MIXED[name][3], MIXED[name][1]]} | {"": [0, 0]}).columns[name]
    counted = np.flatnonzero(part.counts)
    assert part.labels(counted) == alone.labels(np.flatnonzero(alone.counts))
    assert part.labels(part.codes[part.present]) == alone.labels(alone.codes[alone.present])
    assert (part.unique, part.missing) == (alone.unique, alone.missing)
    assert len(part.counts) == len(whole.columns[name].counts)


def test_texts_may_have_an_order_of_their_own() -> None:
    days = frame_of({"요일": ["화", "월", None, "일"], "구": ["중구", "동구", None, "중구"]})
    places = days.columns["요일"].natural_places
    assert places is not None
    assert places.tolist() == [1, 0, 6]
    assert days.columns["구"].natural_places is None
    steps = pa.chunked_array([pa.array(["0~9", "10~19", "5 미만", "0~9"]).dictionary_encode()])
    column = Column("연령:10", steps, is_ordered=True).take(np.array([2, 0]))
    assert column.natural_places is not None
    assert column.natural_places.tolist() == [0, 1, 2]


def test_result_is_worked_out_once_and_forgotten_when_many_newer_ones_are_kept() -> None:
    frame = frame_of({"수": [1]})
    worked_out: list[int] = []

    def result(number: int) -> int:
        def work_out() -> int:
            worked_out.append(number)
            return number

        return frame.once(("number", number), work_out)

    assert [result(1), result(1), *(result(number) for number in range(2, 300)), result(1)][-1] == 1
    assert worked_out == [*range(1, 300), 1]


def test_added_columns_are_found_by_their_other_names_too() -> None:
    frame = frame_of({"수": [1, 2]})
    added = Column("수:10", pa.chunked_array([["0~9", "0~9"]]))
    wider = frame.with_columns([added], {"수: 10 ": "수:10"})
    assert wider.find("수: 10 ") is added
    assert wider.select(np.array([1])).find("수: 10 ") is not None
    assert (list(wider.columns), list(wider.base.columns)) == (["수", "수:10"], ["수"])
    assert list(wider.select(np.array([1])).base.columns) == ["수"]
