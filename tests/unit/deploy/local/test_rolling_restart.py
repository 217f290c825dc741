"""Programs are restarted one at a time, and those that they serve notice nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from deploy.local.rolling import ENDED, RollingRestarts, report_file
from deploy.local.supervisor import RollFailed, Rolls, StepFailed
from tests.eventually import eventually
from tests.patience import PATIENCE_SECONDS
from tests.unit.deploy.local.conftest import Running

# Its child is replaced on SIGHUP, the new one before the old one, as servers with several processes do it.
PARENT = """
import signal, subprocess, sys
def start():
    return subprocess.Popen([sys.executable, '-S', '-c', 'import signal; signal.pause()'])
def replace(*_):
    global child
    new, old = start(), child
    old.kill()
    old.wait()
    child = new
child = start()
signal.signal(signal.SIGHUP, replace)
note('started gateway')
while True:
    signal.pause()
"""


def one_after_the_other(running: Running, name: str) -> Callable[[], Awaitable[bool]]:
    """Is ready once it has written that it started as often as it was."""

    async def is_ready() -> bool:
        started = running.diary.count(f"started {name}")
        return started == running.diary.count(f"stopped {name}") + 1

    return is_ready


async def test_each_is_ready_again_before_the_next_one_goes(running: Running) -> None:
    names = ("prediction", "prediction-2")
    replicas = [
        running.keeper(name, rolls=Rolls.PROCESS, is_ready=one_after_the_other(running, name)) for name in names
    ]
    await running.ready(running.keeper("postgres"), *replicas)
    before = {name: running.pid(name) for name in ("postgres", *names)}

    told = await running.roll()

    assert running.diary[-4:] == [f"{what} {name}" for name in names for what in ("stopped", "started")]
    assert running.pid("postgres") == before["postgres"]
    assert all(running.pid(name) != before[name] for name in names)
    assert [line for line in told if "다시 시작합니다" in line] == [
        "prediction을 다시 시작합니다",
        "prediction-2를 다시 시작합니다",
    ]
    assert "멈췄습니다" not in running.screen  # no crash, and no pause as after one
    await running.stop()


async def test_parent_of_several_processes_replaces_them_itself(running: Running) -> None:
    running.start(
        running.script("gateway", PARENT, rolls=Rolls.CHILDREN, is_ready=running.has("started gateway")),
    )
    await running.until(lambda: running.readied == 1)
    pid = running.pid("gateway")
    (old,) = psutil.Process(pid).children()
    await running.roll()
    (new,) = psutil.Process(pid).children()
    assert running.pid("gateway") == pid
    assert new.pid != old.pid
    await running.stop()


async def test_what_does_not_come_back_is_named_and_the_rest_is_left_alone(running: Running) -> None:
    first = running.keeper("first", rolls=Rolls.PROCESS)
    asked: list[int] = []

    async def only_once() -> bool:
        asked.append(1)
        return len(asked) == 1

    running.start(
        first,
        running.script("second", "import signal; signal.pause()", rolls=Rolls.PROCESS, is_ready=only_once),
        running.keeper("third", rolls=Rolls.PROCESS),
        stop_seconds=0.05,
        roll_seconds=0.3,
    )
    await running.until(lambda: running.readied == 1)
    third = running.pid("third")
    with pytest.raises(RollFailed, match=r"^second가 돌아오지 않아 .*second\.log를 확인하세요\.$"):
        await running.roll()
    assert running.pid("third") == third
    await running.stop()


async def test_steps_of_a_new_version_come_first_and_their_failure_restarts_nothing(running: Running) -> None:
    done = [True]
    step = running.script("migrations", "raise SystemExit(3)", is_step=True, is_done=lambda: done[0])
    await running.ready(step, running.keeper("service", rolls=Rolls.PROCESS))
    done[0] = False
    with pytest.raises(StepFailed, match="migrations 단계가 실패했습니다"):
        await running.roll()
    assert running.diary == ["started service"]
    await running.stop()


async def test_program_that_crashes_meanwhile_is_waited_for(running: Running) -> None:
    starts = [1]

    async def is_ready() -> bool:
        return running.diary.count("started service") == starts[0]

    await running.ready(running.keeper("service", rolls=Rolls.PROCESS, is_ready=is_ready))
    starts[0] = 2
    os.kill(running.pid("service"), signal.SIGKILL)
    await running.roll()
    assert running.diary == ["started service", "started service"]
    await running.stop()


async def test_report_tells_when_it_began_each_step_and_how_it_ended(running: Running) -> None:
    is_ready = one_after_the_other(running, "service")
    await running.ready(running.keeper("service", rolls=Rolls.PROCESS, is_ready=is_ready))
    assert running.supervisor
    rolls = RollingRestarts(running.supervisor, running.directory)
    rolls.start()
    rolls.start()  # goes on with the first
    report = report_file(running.directory)
    await eventually(lambda: report.exists() and report.read_text().endswith(f"{ENDED}\n"))
    _, begun, back, result, _ = report.read_text().splitlines()
    assert begun == "service를 다시 시작합니다"
    assert back.startswith("service 준비됨")
    assert result == "모두 하나씩 다시 시작했습니다."
    assert running.diary.count("started service") == 2
    await rolls.stop()
    await running.stop()


def test_closed_terminal_is_told_from_a_wish_to_restart(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from deploy.local.rolling import Terminal\n"
        "terminal = Terminal()\n"
        "print(terminal.is_lost(), flush=True)\n"
        "try:\n    sys.stdin.readline()\nexcept OSError:\n    pass\n"
        "Path(sys.argv[1]).write_text(str(terminal.is_lost()))\n"
    )
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", code, str(tmp_path / "lost")]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True)
    assert process.stdout
    os.close(theirs)
    assert process.stdout.readline() == "False\n"
    os.close(ours)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert (tmp_path / "lost").read_text() == "True"
