import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psutil
import pytest

from deploy.local.supervisor import Program, StepFailed
from tests.patience import PATIENCE_SECONDS
from tests.unit.deploy.local.conftest import Running

PAUSE = "import signal\nwhile True:\n    signal.pause()\n"
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\n" + PAUSE
HELPER = """
import subprocess, sys
pause = [sys.executable, '-S', '-c', 'import signal; signal.pause()']
helper = subprocess.Popen(pause, start_new_session={session})
note(helper.pid)
helper.wait()
"""


def lives(pid: int) -> bool:
    """Tells whether a process does anything; ended ones stay listed where no parent reaps them."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def answering(silent: Callable[[], bool], seconds: float = 0.01) -> Callable[[], Awaitable[bool]]:
    async def answers() -> bool:
        await asyncio.sleep(seconds)
        return not silent()

    return answers


async def test_programs_start_after_those_they_wait_for_and_stop_in_reverse(running: Running) -> None:
    service = running.keeper("service", "database", is_ready=running.has("told to be ready"))
    running.start(running.keeper("database"), service, running.keeper("page", "service"))
    await running.until(lambda: running.diary == ["started database", "started service"])
    assert running.readied == 0

    with running.diary_file.open("a") as diary:
        diary.write("told to be ready\n")
    await running.until(lambda: running.readied == 1)
    await running.stop()

    assert running.diary[3:] == ["started page", "stopped page", "stopped service", "stopped database"]
    assert list((running.directory / "run").iterdir()) == []


async def test_crashed_program_comes_back_after_growing_pauses(running: Running) -> None:
    await running.ready(running.keeper("steady"), running.keeper("crashing"))
    for times in (2, 3, 4):
        pid = running.pid("crashing")
        with (running.directory / "run" / "crashing.pid").open() as still_open:
            os.kill(pid, signal.SIGKILL)
            await running.until(lambda: running.diary.count("started crashing") == times)  # noqa: B023 - awaited here
            await running.until(lambda: running.pid("crashing") != pid)  # noqa: B023
            assert int(still_open.read()) == pid  # replaced in one step
    await running.stop()

    pauses = [line.split("). ")[1] for line in running.screen.splitlines() if "종료 코드 -9" in line]
    assert pauses == [f"{seconds}초 뒤 다시 시작합니다." for seconds in (0.05, 0.1, 0.2)]
    assert running.diary.count("started steady") == running.readied == 1


async def test_helpers_of_a_crashed_program_do_not_linger(running: Running) -> None:
    running.start(running.script("leader", HELPER.format(session=False)))
    await running.until(lambda: len(running.diary) == 1)
    os.kill(running.pid("leader"), signal.SIGKILL)
    await running.until(lambda: len(running.diary) == 2)  # a helper that holds the output does not hold up the restart
    await running.until(lambda: not lives(int(running.diary[0])))
    await running.stop()


@pytest.mark.parametrize(("code", "is_done"), [("note('migrated')", False), ("raise SystemExit(3)", True)])
async def test_step_runs_once_before_those_that_wait_for_it_unless_it_is_done(
    running: Running, code: str, is_done: bool
) -> None:
    step = running.script("migrations", code, is_step=True, is_done=lambda: is_done)
    await running.ready(step, running.keeper("service", "migrations"))
    await running.stop()
    assert running.diary == ["migrated"] * (not is_done) + ["started service", "stopped service"]


async def test_failed_step_stops_everything_and_names_its_log(running: Running) -> None:
    step = running.script("migrations", "print('no such table'); raise SystemExit(3)", is_step=True, after=["database"])
    running.start(running.keeper("database"), step, running.keeper("service", "migrations"))
    log = running.directory / "logs" / "migrations.log"
    with pytest.raises(StepFailed) as failed:
        await running.ended()
    assert str(failed.value) == f"migrations 단계가 실패했습니다 (종료 코드 3). {log}를 확인하세요."
    assert log.read_text() == "no such table\n"
    assert running.diary == ["started database", "stopped database"]


async def test_program_that_cannot_be_run_is_named(running: Running) -> None:
    running.start(running.keeper("steady"), Program("absent", ["/nowhere/absent"]))
    with pytest.raises(StepFailed, match=r"^absent를 실행할 수 없습니다: .*No such file"):
        await running.ended()


async def test_what_prepares_a_program_runs_before_it_and_its_failure_ends_the_start(running: Running) -> None:
    def fail() -> None:
        raise LookupError("no room")

    running.start(running.keeper("server", prepare=fail))
    with pytest.raises(LookupError, match="no room"):
        await running.ended()
    assert running.diary == []


async def test_readiness_is_not_asked_for_before_it_is_possible(running: Running) -> None:
    asked: list[list[str]] = []

    async def ask() -> bool:
        asked.append(running.diary)
        return True

    await running.ready(
        running.keeper("service"), running.script("gateway", PAUSE, is_ready=ask, asked_after=["service"])
    )
    await running.stop()
    assert asked == [["started service"]]


async def test_program_that_ignores_the_signal_is_killed(running: Running) -> None:
    running.start(running.script("deaf", DEAF), stop_seconds=0.2)
    await running.until(lambda: "deaf │ deaf" in running.screen)
    pid = running.pid("deaf")
    await running.stop()
    assert not lives(pid)


async def test_asked_twice_everything_ends_at_once(running: Running) -> None:
    running.start(running.script("one", DEAF), running.script("two", DEAF), stop_seconds=PATIENCE_SECONDS)
    await running.until(lambda: running.screen.count("│ deaf") == 2)
    running.told_to_stop.set()
    assert running.supervisor
    running.supervisor.kill_all()
    await running.ended()


async def test_output_goes_to_the_log_and_prefixed_to_the_screen(running: Running) -> None:
    code = f"print('안녕\\n\\nWARNING overcommit\\n' + 'x' * 1_000_000 + '\\n끝', flush=True)\n{PAUSE}"
    running.start(running.keeper("page"), running.script("gateway", code, unsaid=["overcommit"]))
    await running.until(lambda: "│ 끝" in running.screen and "page    │ here is page\n" in running.screen)
    await running.stop()
    shown = [line.removeprefix("gateway │ ") for line in running.screen.splitlines() if line.startswith("gateway")]
    assert "".join(shown) == "안녕" + "x" * 1_000_000 + "끝"  # in pieces; neither the empty nor the unsaid line
    assert running.log("gateway").decode() == "안녕\n\nWARNING overcommit\n" + "x" * 1_000_000 + "\n끝\n"


async def test_program_that_writes_a_lot_while_another_stops_is_not_blocked(running: Running) -> None:
    listen = "import os, signal, time\nsignal.signal(signal.{}, react)\nprint('listening', flush=True)\n" + PAUSE
    pour = "def react(*_):\n    for _ in range(20_000):\n        print('y' * 99)\n    note('poured')\n"
    noisy = running.script("noisy", pour + listen.format("SIGUSR1"))
    pid_file = str(running.directory / "run" / "noisy.pid")
    wait = (
        f"def react(*_):\n    os.kill(int(open({pid_file!r}).read()), signal.SIGUSR1)\n"
        f"    while not os.path.exists({str(running.diary_file)!r}):\n        time.sleep(0.01)\n    os._exit(0)\n"
    )
    running.start(noisy, running.script("other", wait + listen.format("SIGTERM")))
    await running.until(lambda: running.screen.count("listening") == 2)
    await running.stop()
    assert running.diary == ["poured"]


async def test_screen_that_has_gone_stops_nothing(running: Running) -> None:
    running.start(running.keeper("page"))
    running.out.close()
    await running.until(lambda: running.readied == 1)
    await running.stop()
    assert running.diary == ["started page", "stopped page"]


async def test_children_die_with_a_supervisor_that_is_killed(running: Running) -> None:
    inner = running.directory / "inner"
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from deploy.local.supervisor import Program, Supervisor\n"
        "child = Program('child', [sys.executable, '-S', '-c', 'import signal; signal.pause()'])\n"
        f"asyncio.run(Supervisor([child], Path({str(inner)!r})).run(asyncio.Event(), print))\n"
    )
    running.start(Program("supervisor", [sys.executable, "-c", code]))
    await running.until(lambda: (inner / "run" / "child.pid").exists())
    child = int((inner / "run" / "child.pid").read_text())
    os.kill(running.pid("supervisor"), signal.SIGKILL)
    await running.until(lambda: not lives(child))
    await running.stop()


async def test_program_that_lives_and_does_not_answer_is_started_again(running: Running) -> None:
    stopped = asyncio.Event()
    silent = answering(lambda: stopped.is_set() and running.diary.count("started hanging") == 1)
    well = running.keeper("well", answers=answering(lambda: False))
    await running.ready(running.keeper("hanging", answers=silent), well)
    os.kill(running.pid("hanging"), signal.SIGSTOP)
    stopped.set()
    await running.until(lambda: running.diary.count("started hanging") == 2)
    await running.stop()
    assert "hanging이 응답하지 않아 종료합니다." in running.screen
    assert running.diary.count("started well") == 1


async def test_program_that_is_busy_is_given_longer(running: Running) -> None:
    asked = []

    def silent() -> bool:
        asked.append(True)
        return True

    # A question takes long enough for the system's count of processor time to move.
    answers = answering(silent, seconds=0.5)
    running.diary_file.write_text("ready\n")
    running.start(running.script("busy", "while True: pass", is_ready=running.has("ready"), answers=answers))
    await running.until(lambda: len(asked) > 4)
    await running.stop()
    assert "busy가 응답하지 않아" not in running.screen


async def test_family_of_a_program_that_hangs_goes_with_it(running: Running) -> None:
    async def is_there() -> bool:
        return bool(running.diary)

    silent = answering(lambda: len(running.diary) == 1)
    running.start(running.script("leader", HELPER.format(session=True), is_ready=is_there, answers=silent))
    await running.until(lambda: len(running.diary) == 2)
    await running.until(lambda: not lives(int(running.diary[0])))
    await running.stop()
    with suppress(ProcessLookupError):  # a stop in order may leave what has a session of its own
        os.kill(int(running.diary[1]), signal.SIGKILL)
