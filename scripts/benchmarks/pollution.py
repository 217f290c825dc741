"""Polluted files: how much of the table in each the CSV reader reads right, by the scores of the Pollock benchmark."""

import csv
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import Path

from dataset_service.errors import CsvRefused
from dataset_service.reading.csv_file import read_csv
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.polluted_files import PollutedFile, TidyTable, polluted_files
from scripts.benchmarks.processes import REPOSITORY
from scripts.benchmarks.result import Result, Table, at_least
from scripts.benchmarks.table_score import REFUSED, ReadTable, Score, mean, score

DATA = REPOSITORY / os.environ.get("DATA_DIR", "../shared/data")
GOALS = Score(loaded=0.995, header=0.97, records=0.93, cells=0.95)


@dataclass(frozen=True, slots=True)
class Source:
    """A public file and columns of it; `a+b` becomes one column of texts with a comma, named b."""

    file: str
    encoding: str
    columns: str


# The last column is empty, has a value in some rows, or has one in all: so a line with a delimiter too many ends in an
# empty cell, or in a value without a column.
SOURCES = (
    Source(
        "daegu_accidents_2016_2018.csv",
        "utf-8-sig",
        "사고일시 요일 경상자수 사고번호 시군구 사고내용 사고유형+도로형태 법규위반 비고",
    ),
    Source(
        "대구 주차장 정보.csv",
        "cp949",
        "주차장관리번호 평일운영시작시각 주차구획수 위도 경도 소재지지번주소 주차장명+특기사항 운영요일 월정기권요금",
    ),
    Source(
        "대구 CCTV 정보.csv",
        "cp949",
        "무인교통단속카메라관리번호 시군구명 제한속도 단속구간위치구분 위도 경도 소재지지번주소+설치장소 도로노선명"
        " 설치연도",
    ),
)
# As in Pollock: so many rows, a few texts with quotes and more with apostrophes.
_ROWS, _QUOTED_EVERY, _APOSTROPHE_EVERY = 83, 16, 5


@dataclass(frozen=True, slots=True)
class Kind:
    """The mean score of a kind of pollution, and how many files there are of it."""

    score: Score
    files: int


def measure(_: Bench) -> Result:
    """Reads every polluted file of every source."""
    by_source = {source.file: score_kinds(read, polluted_files(tidy_table(DATA, source))) for source in SOURCES}
    by_kind = defaultdict(list)
    for kinds in by_source.values():
        for name, kind in kinds.items():
            by_kind[name].append(kind)
    heads = ["", "files", "loaded", "header F1", "records F1", "cells F1"]
    total = mean_of(kind for kinds in by_source.values() for kind in kinds.values())
    return Result(
        title="Polluted files",
        method=[
            f"{len(SOURCES)} public files, {_ROWS} rows of each, polluted in all ways of the Pollock benchmark.",
            "Means over the files; numbers are compared as numbers, made-up names are right where a file has none.",
        ],
        tables=[
            Table("Kinds", heads, [_row(name, mean_of(kinds)) for name, kinds in by_kind.items()]),
            Table("Sources", heads, [_row(file, mean_of(kinds.values())) for file, kinds in by_source.items()]),
        ],
        goals=[
            at_least(name, goal, share, "of 1", 4)
            for name, goal, share in zip(heads[2:], astuple(GOALS), astuple(total.score), strict=True)
        ],
        figures={"kinds": by_source},
        packages=("pyarrow",),
    )


def read(content: bytes) -> ReadTable | None:
    """Returns what the product reads; None if it refuses the file."""
    try:
        table = read_csv(content)
    except CsvRefused:
        return None
    return ReadTable(table.columns, list(zip(*(column.to_pylist() for column in table.cells), strict=True)))


def score_kinds(
    read: Callable[[bytes], ReadTable | None], files: Iterable[PollutedFile], *, step: int = 1
) -> dict[str, Kind]:
    """Returns the kinds by name; of each, every `step`th file is read."""
    scores, counts = defaultdict(list), Counter[str]()
    for file in files:
        if counts[file.kind] % step == 0:
            table = read(file.content)
            scores[file.kind].append((score(file.right, table) if table else REFUSED, 1.0))
        counts[file.kind] += 1
    return {name: Kind(mean(scores[name]), count) for name, count in counts.items()}


def mean_of(kinds: Iterable[Kind]) -> Kind:
    """Returns the mean over the files of several kinds."""
    weighted = [(kind.score, float(kind.files)) for kind in kinds]
    return Kind(mean(weighted), int(sum(files for _, files in weighted)))


def tidy_table(data: Path, source: Source) -> TidyTable:
    """Returns the first rows of a public file. Raises `FileNotFoundError`."""
    with (data / source.file).open(encoding=source.encoding, newline="") as file:
        rows = list(islice(csv.DictReader(file), _ROWS))
    columns = [column.split("+") for column in source.columns.split()]
    cells = (
        tuple(_text([row[name] for name in names if row.get(name)], number) for names in columns)
        for number, row in enumerate(rows)
    )
    quoted = frozenset(number for number, names in enumerate(columns) if len(names) > 1)
    return TidyTable(tuple(names[-1] for names in columns), list(cells), quoted)


def _text(parts: list[str], row: int) -> str:
    if len(parts) > 1 and row % _QUOTED_EVERY == 1:
        parts = [*parts[:-1], f'"{parts[-1]}"']
    elif len(parts) > 1 and row % _APOSTROPHE_EVERY == 1:
        parts = [*parts[:-1], f"'{parts[-1]}'"]
    return ", ".join(parts)


def _row(name: str, kind: Kind) -> list[str]:
    return [name, f"{kind.files:,}", *(f"{share:.4f}" for share in astuple(kind.score))]
