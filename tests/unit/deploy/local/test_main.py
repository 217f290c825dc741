"""What a person sees when it cannot start: one line that says what to do, and nothing started."""

import fcntl
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deploy.local.__main__ import main
from scripts.benchmarks.processes import free_port

Refused = Callable[..., str]
PORTS = ("GATEWAY", "STREAMLIT", "PREDICTION", "CHAT", "DATASET", "POSTGRES", "REDIS")


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Starts the stack with some variables, expects it to refuse, and returns the line it says."""
    monkeypatch.setattr(os, "umask", lambda _: 0)

    def up(env_file: str | Path = os.devnull, **variables: object) -> str:
        ours: Mapping[str, object] = {"STATE_DIR": tmp_path / "state", "LOG_LEVEL": "", "DATABASE_URL": ""}
        ours = {**ours, **{f"{name}_PORT": free_port() for name in PORTS}, **variables}
        monkeypatch.setattr(os, "environ", os.environ | {name: str(value) for name, value in ours.items()})
        monkeypatch.setattr("sys.argv", ["up", "--env-file", str(env_file)])
        monkeypatch.setattr("sys.stdout", None)  # pytest's has no descriptor
        assert main() == 1
        assert not (tmp_path / "state" / "run").exists()
        (line,) = capsys.readouterr().err.splitlines()
        return line

    return up


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GATEWAY_PORT", "팔천", "숫자여야 합니다"),
        ("STREAMLIT_PORT", "0", "1 이상이어야 합니다"),
        ("CHAT_PORT", "65536", "65535 이하여야 합니다"),
        ("LOG_LEVEL", "loud", "중 하나여야 합니다"),
        ("REDIS_URL", "redis://localhost/5", "데이터베이스 번호는 붙이지 않습니다"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("DATABASE_URL", "mysql://person:do-not-tell@localhost/x", "postgresql://"),
    ],
)
def test_wrong_variable_is_named_with_what_it_must_be(refused: Refused, variable: str, value: str, said: str) -> None:
    line = refused(**{variable: value})
    assert line.startswith(f"{variable} 값을 쓸 수 없습니다: ")
    assert said in line
    assert "do-not-tell" not in line


def test_state_folder_in_use_is_said(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with (tmp_path / "state" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        line = refused()
    assert line == f"{tmp_path}/state에서 이미 실행 중입니다. 그쪽을 멈추거나 STATE_DIR로 다른 폴더를 지정하세요."


def test_state_folder_that_cannot_be_is_said(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "STATE_DIR로 다른 폴더" in refused(STATE_DIR=tmp_path / "file" / "state")


def test_taken_port_is_said(refused: Refused) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert f"포트 {taken.getsockname()[1]}" in refused(GATEWAY_PORT=taken.getsockname()[1])


def test_env_file_is_read_and_its_encoding_is_said(refused: Refused, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=loud\n")
    assert refused(file).startswith("LOG_LEVEL")
    file.write_bytes("CHAT_MODEL=모델".encode("cp949"))
    assert f"{file} 파일을 읽을 수 없습니다" in refused(file)


def test_data_of_another_version_of_postgres_are_said(refused: Refused, tmp_path: Path) -> None:
    data = tmp_path / "state" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    assert "PostgreSQL 9의 데이터" in refused()
