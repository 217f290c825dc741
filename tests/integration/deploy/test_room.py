"""What takes how much room in a filled database, in folders and in Valkey."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import room_texts as texts
from deploy.room import Part, describe, describe_keeping, look, measure_database, measure_folder, measure_queue
from scripts.benchmarks.fill import Size, fill
from servicekit.ids import new_id
from tests.contract.prediction_service.running_service import rows
from tests.real_servers import REPOSITORY
from worker.settings import WorkerSettings

GIB = 1 << 30


def test_database_is_told_by_what_people_know_with_what_was_added_lately(database_url: str) -> None:
    fill(database_url, Size(2_000, 4, 250, 5, 100, 10), "fresh")
    before = {part.name: part for part in measure_database(database_url)}
    assert list(before) == [texts.PREDICTIONS, texts.BATCHES, texts.CONVERSATIONS, texts.DATASETS]
    assert all(part.size_bytes > 10_000 and part.daily_bytes == 0 for part in before.values())
    columns = "created_at, model_version, input_features, eclo_value, range_low, range_high, interpretation, warnings"
    copy = (
        f"INSERT INTO prediction.predictions (id, {columns}) SELECT %s, {columns} FROM prediction.predictions LIMIT 1"
    )
    for _ in range(10):
        rows(database_url, copy, new_id())
    after = {part.name: part for part in measure_database(database_url)}[texts.PREDICTIONS]
    # Ten of two thousand rows, which are all of the last day.
    assert after.daily_bytes == pytest.approx(after.size_bytes / 200, rel=0.1)


def test_files_and_queue_are_told(tmp_path: Path, redis_url: str) -> None:
    (tmp_path / "old").write_bytes(b"1" * 700)
    os.utime(tmp_path / "old", (0, 0))
    (tmp_path / "new").write_bytes(b"1" * 70)
    assert measure_folder("files", tmp_path) == Part("files", 770, 10)
    assert measure_folder("files", tmp_path / "absent") == Part("files", 0, 0)
    assert measure_queue(redis_url).size_bytes > 100_000


def test_day_when_the_disk_is_full_follows_from_what_is_added() -> None:
    parts = [Part(texts.LOGS, 5, GIB), Part(texts.PREDICTIONS, 2 * GIB, GIB / 2), Part(texts.FILES, GIB, GIB / 2)]
    sentences, is_soon_full = describe(parts, 40 * GIB, is_database_here=True)
    assert sentences == [
        "예측 2.0 GB(하루 512 MB), 데이터셋 파일 1.0 GB(하루 512 MB), 로그 5 B",
        "지난 7일처럼 쓰면(하루 1.0 GB) 약 40일 뒤에 디스크(여유 40.0 GB)가 찹니다",
    ]
    assert not is_soon_full
    assert describe(parts, 20 * GIB, is_database_here=True).is_soon_full
    elsewhere = describe(parts, 40 * GIB, is_database_here=False).sentences
    assert "하루 512 MB씩 늘고" in elsewhere[1]
    assert "약 80일" in elsewhere[2]
    assert "10년 안에 차지 않습니다" in describe([], GIB, is_database_here=True).sentences[-1]


def test_what_cannot_be_reached_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATASET_FILES", "s3://bucket/prefix")
    nobody = "127.0.0.1:1"
    sentences = look(tmp_path, f"postgresql://{nobody}/no", f"redis://{nobody}", is_database_here=True).sentences
    assert sentences[-2:] == [texts.FILES_ELSEWHERE, texts.DATABASE_AWAY]


def test_keeping_is_told() -> None:
    settings = WorkerSettings.model_validate({"KEEP_PREDICTIONS_DAYS": 1000})
    assert describe_keeping(settings) == "보관 기간: 예측과 배치 1,000일, 대화 계속, 데이터셋 계속"


def test_container_tells_it_by_a_command(database_url: str, redis_url: str, tmp_path: Path) -> None:
    known = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "STATE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "deploy.room"]
    done = subprocess.run(command, cwd=REPOSITORY, env=os.environ | known, capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in (texts.PREDICTIONS, texts.FILES, texts.QUEUE, "보관 기간:"))
