"""The script follows what a supervisor does, which here is a program that only writes a report."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.rolling import ENDED, report_file
from deploy.local.texts import ROLLED
from deploy.rolling import local
from tests.real_servers import REPOSITORY

_SUPERVISOR = """
import os, signal, sys
from pathlib import Path
from deploy.local.state_folder import lock
state = Path(sys.argv[1])
def roll(*_):
    if sys.argv[2] == "dies":
        os._exit(1)
    (state / "logs" / "rolling-restart.log").write_text(sys.argv[2])
signal.signal(signal.SIGHUP, roll)
held = lock(state)
print("ready", flush=True)
while True:
    signal.pause()
"""
EARLIER = f"2026-01-01\nearlier\n{ROLLED}\n{ENDED}\n"


@pytest.mark.parametrize(
    ("report", "came_back", "last"),
    [
        (f"2026-01-02\nprediction\n{ROLLED}\n{ENDED}\n", True, ROLLED),
        (f"2026-01-02\nprediction\nnot back\n{ENDED}\n", False, "not back"),
        ("dies", False, "앱이 도중에 끝났습니다."),
    ],
)
def test_result_is_that_of_the_restart_which_was_asked_for(
    tmp_path: Path, report: str, came_back: bool, last: str
) -> None:
    (tmp_path / "logs").mkdir()
    report_file(tmp_path).write_text(EARLIER)
    command = [sys.executable, "-c", _SUPERVISOR, str(tmp_path), report]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout
        supervisor.stdout.readline()
        said: list[str] = []
        try:
            assert local.restart_programs(tmp_path, said.append) is came_back
        finally:
            supervisor.send_signal(signal.SIGKILL)
    assert "earlier" not in said
    assert said[-1] == last


def test_stack_that_does_not_run_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    assert not local.restart_programs(tmp_path, said.append)
    assert "실행 중인 앱이 없습니다" in said[0]
