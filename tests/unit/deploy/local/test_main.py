"""What a person sees when it cannot start: one line that says what to do, and nothing started."""

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.benchmarks.processes import free_port
from servicekit.korean_text.particles import choose_particles
from tests.patience import PATIENCE_SECONDS
from tests.real_servers import REPOSITORY

Up = Callable[..., str]
PORTS = ("GATEWAY", "STREAMLIT", "PREDICTION", "CHAT", "DATASET", "POSTGRES", "REDIS")


@pytest.fixture
def refused_start(tmp_path: Path) -> Up:
    """Starts the stack with some variables, expects it to refuse, and returns the line it says."""

    def up(env_file: str | Path = os.devnull, **variables: object) -> str:
        ours = {"STATE_DIR": tmp_path / "state"} | {f"{name}_PORT": free_port() for name in PORTS}
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local", "--env-file", str(env_file)],
            cwd=REPOSITORY,
            env={**os.environ, **{name: str(value) for name, value in (ours | variables).items()}},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "state" / "run").exists()
        (line,) = done.stderr.splitlines()
        return line

    return up


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GATEWAY_PORT", "팔천", "숫자여야 합니다"),
        ("STREAMLIT_PORT", "0", "1 이상이어야 합니다"),
        ("CHAT_PORT", "70000", "65535 이하여야 합니다"),
        ("LOG_LEVEL", "loud", "중 하나여야 합니다"),
        ("REDIS_URL", "redis://localhost/5", "데이터베이스 번호는 붙이지 않습니다"),
        ("DATABASE_URL", "mysql://person:do-not-tell@localhost/x", "postgresql://"),
    ],
)
def test_wrong_variable_is_named_with_what_it_must_be(refused_start: Up, variable: str, value: str, said: str) -> None:
    line = refused_start(**{variable: value})
    assert line.startswith(f"{variable} 값을 쓸 수 없습니다: ")
    assert said in line
    assert "do-not-tell" not in line


def test_state_folder_in_use_is_said(refused_start: Up, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with (tmp_path / "state" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        line = refused_start()
    assert line == f"{tmp_path}/state에서 이미 실행 중입니다. 그쪽을 멈추거나 STATE_DIR로 다른 폴더를 지정하세요."


def test_state_folder_that_cannot_be_is_said(refused_start: Up, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "STATE_DIR로 다른 폴더" in refused_start(STATE_DIR=tmp_path / "file" / "state")


def test_taken_port_is_said(refused_start: Up) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused_start(GATEWAY_PORT=port).startswith(choose_particles(f"포트 {port}을(를) 다른 프로그램이 쓰고"))


def test_env_file_in_another_encoding_is_said(refused_start: Up, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("CHAT_MODEL=모델".encode("cp949"))
    assert f"{file} 파일을 읽을 수 없습니다" in refused_start(file)


def test_env_file_is_read(refused_start: Up, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=loud\n")
    assert refused_start(file, LOG_LEVEL="").startswith("LOG_LEVEL")


def test_data_of_another_version_of_postgres_are_said(refused_start: Up, tmp_path: Path) -> None:
    data = tmp_path / "state" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    assert "PostgreSQL 9의 데이터" in refused_start()
