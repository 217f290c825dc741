import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable

import psutil
import pytest

from deploy.local.supervisor import Program, StepFailed
from tests.patience import PATIENCE_SECONDS
from tests.unit.deploy.local.conftest import Running

DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
while True:
    signal.pause()
"""
PRINT_AND_STAY = "import signal\nprint({text!r}, flush=True)\nsignal.pause()"


def lives(process: psutil.Process) -> bool:
    """Tells whether a process does anything; ended ones stay listed where no parent reaps them."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_programs_start_after_those_they_wait_for_and_stop_in_reverse(running: Running) -> None:
    running.start(running.keeper("database"), running.keeper("service", "database"), running.keeper("page", "service"))
    await running.until(lambda: running.readied == 1)
    assert running.diary == ["started database", "started service", "started page"]

    await running.stop()

    assert running.diary[3:] == ["stopped page", "stopped service", "stopped database"]
    assert list((running.directory / "run").iterdir()) == []


async def test_ready_is_announced_only_when_every_program_is(running: Running) -> None:
    late = running.keeper("late")
    running.start(running.keeper("early"), Program("late", late.argv, is_ready=running.says("told to be ready")))  # type: ignore[arg-type]
    await running.until(lambda: "started late" in running.diary and "early" in running.out.getvalue())
    assert running.readied == 0

    with running.diary_file.open("a") as diary:
        diary.write("told to be ready\n")
    await running.until(lambda: running.readied == 1)
    await running.stop()


async def test_crashed_program_comes_back_after_growing_pauses(running: Running) -> None:
    running.start(running.keeper("steady"), running.keeper("crashing"))
    await running.until(lambda: running.readied == 1)
    for times in (1, 2, 3):
        await running.until(lambda times=times: running.diary.count("started crashing") == times)  # type: ignore[misc]
        await running.until(lambda: psutil.pid_exists(running.pid("crashing")))
        os.kill(running.pid("crashing"), signal.SIGKILL)
    await running.until(lambda: running.diary.count("started crashing") == 4)
    await running.stop()

    said = [line for line in running.out.getvalue().splitlines() if "종료 코드 -9" in line]
    assert [line.split("). ")[1] for line in said] == [
        "0.05초 뒤 다시 시작합니다.", "0.1초 뒤 다시 시작합니다.", "0.2초 뒤 다시 시작합니다.",
    ]  # fmt: skip
    assert running.diary.count("started steady") == 1
    assert running.readied == 1


async def test_pid_of_a_new_process_replaces_the_old_one_in_one_step(running: Running) -> None:
    running.start(running.keeper("crashing"))
    await running.until(lambda: running.readied == 1)
    first = running.pid("crashing")
    with (running.directory / "run" / "crashing.pid").open() as still_open:
        os.kill(first, signal.SIGKILL)
        await running.until(lambda: running.pid("crashing") != first)
        assert int(still_open.read()) == first
    await running.stop()


async def test_helpers_of_a_crashed_program_do_not_linger(running: Running) -> None:
    code = (
        "import subprocess, sys\n"
        "helper = subprocess.Popen([sys.executable, '-S', '-c', 'import signal; signal.pause()'])\n"
        f"open({str(running.diary_file)!r}, 'a').write(f'started {{helper.pid}}\\n')\n"
        "helper.wait()"
    )
    running.start(running.script("leader", code))
    await running.until(lambda: len(running.diary) == 1)
    helper = psutil.Process(int(running.diary[0].split()[1]))
    os.kill(running.pid("leader"), signal.SIGKILL)
    await running.until(lambda: len(running.diary) == 2)  # a helper that holds the output does not hold up the restart
    await running.until(lambda: not lives(helper))
    await running.stop()


async def test_step_runs_once_to_its_end_before_those_that_wait_for_it(running: Running) -> None:
    step = running.script("migrations", f"open({str(running.diary_file)!r}, 'a').write('migrated\\n')", is_step=True)
    running.start(step, running.keeper("service", "migrations"))
    await running.until(lambda: running.readied == 1)
    await running.stop()
    assert running.diary == ["migrated", "started service", "stopped service"]


async def test_step_that_is_done_already_is_left_out(running: Running) -> None:
    step = running.script("migrations", "raise SystemExit(3)", is_step=True, is_done=lambda: True)
    running.start(step, running.keeper("service", "migrations"))
    await running.until(lambda: running.readied == 1)
    await running.stop()


async def test_failed_step_stops_everything_and_names_its_log(running: Running) -> None:
    step = running.script("migrations", "print('no such table'); raise SystemExit(3)", is_step=True, after=["database"])
    running.start(running.keeper("database"), step, running.keeper("service", "migrations"))

    with pytest.raises(StepFailed) as failed:
        await running.ended()

    log = running.directory / "logs" / "migrations.log"
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
    asked: list[str] = []

    async def ask() -> bool:
        asked.append(" ".join(running.diary))
        return True

    first = running.keeper("service")
    running.start(first, Program("gateway", first.argv, is_ready=ask, asked_after=["service"]))
    await running.until(lambda: running.readied == 1)
    await running.stop()
    assert len(asked) == 1
    assert "started service" in asked[0]


async def test_program_that_ignores_the_signal_is_killed(running: Running) -> None:
    running.start(running.script("deaf", DEAF), stop_seconds=0.2)
    await running.until(lambda: "deaf │ deaf" in running.out.getvalue())
    process = psutil.Process(running.pid("deaf"))
    await running.stop()
    assert not process.is_running()


async def test_asked_twice_everything_ends_at_once(running: Running) -> None:
    running.start(running.script("one", DEAF), running.script("two", DEAF), stop_seconds=PATIENCE_SECONDS)
    await running.until(lambda: running.out.getvalue().count("│ deaf") == 2)
    running.told_to_stop.set()
    assert running.supervisor
    running.supervisor.kill_all()
    await running.ended()


async def test_output_goes_to_the_log_and_prefixed_to_the_screen(running: Running) -> None:
    running.start(running.keeper("page"), running.script("gateway", PRINT_AND_STAY.format(text="안녕\n\n끝")))
    await running.until(lambda: "│ 끝" in running.out.getvalue() and "│ here is page" in running.out.getvalue())
    await running.stop()
    assert "gateway │ 안녕\ngateway │ 끝\n" in running.out.getvalue()  # an empty line says nothing on a screen
    assert running.log("gateway").decode() == "안녕\n\n끝\n"
    assert "page    │ here is page\n" in running.out.getvalue()


async def test_line_longer_than_any_buffer_arrives_whole(running: Running) -> None:
    code = "import signal\nprint('x' * 1_000_000, flush=True)\nprint('the end', flush=True)\nsignal.pause()"
    running.start(running.script("chatty", code))
    await running.until(lambda: "│ the end" in running.out.getvalue())
    await running.stop()
    assert running.log("chatty") == b"x" * 1_000_000 + b"\nthe end\n"


async def test_program_that_writes_a_lot_while_another_stops_is_not_blocked(running: Running) -> None:
    poured, noisy_pid = running.directory / "poured", running.directory / "run" / "noisy.pid"
    noisy = f"""
import pathlib, signal
def pour(*_):
    for _ in range(20_000):
        print("y" * 99)
    pathlib.Path({str(poured)!r}).touch()
signal.signal(signal.SIGUSR1, pour)
print("listening", flush=True)
while True:
    signal.pause()
"""
    waits_for_noise = f"""
import os, pathlib, signal, sys, time
def leave(*_):
    os.kill(int(pathlib.Path({str(noisy_pid)!r}).read_text()), signal.SIGUSR1)
    while not pathlib.Path({str(poured)!r}).exists():
        time.sleep(0.01)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("listening", flush=True)
while True:
    signal.pause()
"""
    running.start(running.script("noisy", noisy), running.script("other", waits_for_noise))
    await running.until(lambda: running.out.getvalue().count("listening") == 2)
    await running.stop()
    assert poured.exists()


async def test_screen_that_has_gone_stops_nothing(running: Running) -> None:
    running.start(running.keeper("page"))
    running.out.close()
    await running.until(lambda: running.readied == 1)
    await running.stop()
    assert running.diary == ["started page", "stopped page"]


async def test_children_die_with_a_supervisor_that_is_killed(running: Running) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from deploy.local.supervisor import Program, Supervisor\n"
        "child = Program('child', [sys.executable, '-S', '-c', 'import signal; signal.pause()'])\n"
        f"asyncio.run(Supervisor([child], Path({str(running.directory / 'inner')!r})).run(asyncio.Event(), print))\n"
    )
    inner = running.directory / "inner" / "run" / "child.pid"
    running.start(Program("supervisor", [sys.executable, "-c", code]))
    await running.until(lambda: inner.exists() and inner.read_text() != "")
    child = psutil.Process(int(inner.read_text()))
    os.kill(running.pid("supervisor"), signal.SIGKILL)
    await running.until(lambda: not lives(child))
    await running.stop()


@pytest.mark.parametrize("trouble", ["full", "away"])
async def test_program_is_read_on_when_its_log_cannot_be_written(running: Running, trouble: str) -> None:
    code = """
import signal
def say(*_):
    for number in range(2000):
        print("y" * 99, number, flush=True)
signal.signal(signal.SIGUSR1, say)
print("listening", flush=True)
while True:
    signal.pause()
"""
    log = running.directory / "logs" / "chatty.log"
    running.start(running.script("chatty", code))
    await running.until(lambda: "│ listening" in running.out.getvalue())
    if trouble == "full":
        log.unlink()
        log.symlink_to("/dev/full")
    else:
        shutil.rmtree(log.parent)
        log.parent.touch()
    os.kill(running.pid("chatty"), signal.SIGUSR1)
    await running.until(lambda: "y 1999\n" in running.out.getvalue())
    (log if trouble == "full" else log.parent).unlink()
    os.kill(running.pid("chatty"), signal.SIGUSR1)
    await running.until(lambda: running.out.getvalue().count("y 1999\n") == 2)
    await running.stop()
    assert log.read_text().splitlines()[0] == "(로그 2000줄을 쓰지 못했습니다)"
    assert len(log.read_text().splitlines()) == 2001


def answering(silent: Callable[[], bool], seconds: float = 0.01) -> Callable[[], Awaitable[bool]]:
    async def answers() -> bool:
        await asyncio.sleep(seconds)
        return not silent()

    return answers


async def test_program_that_lives_and_does_not_answer_is_started_again(running: Running) -> None:
    def times() -> int:
        return running.diary.count("started hanging")

    stopped = asyncio.Event()
    hanging = running.keeper("hanging", answers=answering(lambda: stopped.is_set() and times() == 1))
    running.start(hanging, running.keeper("well", answers=answering(lambda: False)))
    await running.until(lambda: running.readied == 1)
    os.kill(running.pid("hanging"), signal.SIGSTOP)
    stopped.set()
    await running.until(lambda: times() == 2)
    await running.stop()
    assert "hanging이 응답하지 않아 종료합니다." in running.out.getvalue()
    assert running.diary.count("started well") == 1


async def test_program_that_is_busy_is_given_longer(running: Running) -> None:
    asked = 0

    def silent() -> bool:
        nonlocal asked
        asked += 1
        return True

    # A question takes long enough for the system's count of processor time to move.
    answers = answering(silent, seconds=0.5)
    busy = running.script("busy", "while True: pass", is_ready=running.says("ready"), answers=answers)
    running.diary_file.write_text("ready\n")
    running.start(busy)
    await running.until(lambda: asked > 4)
    await running.stop()
    assert "busy가 응답하지 않아" not in running.out.getvalue()


async def test_family_of_a_program_that_hangs_goes_with_it(running: Running) -> None:
    code = (
        "import subprocess, sys\n"
        "pause = [sys.executable, '-S', '-c', 'import signal; signal.pause()']\n"
        "helper = subprocess.Popen(pause, start_new_session=True)\n"
        f"open({str(running.diary_file)!r}, 'a').write(f'started {{helper.pid}}\\n')\n"
        "helper.wait()"
    )

    async def is_there() -> bool:
        return bool(running.diary)

    running.start(running.script("leader", code, is_ready=is_there, answers=answering(lambda: len(running.diary) == 1)))
    await running.until(lambda: len(running.diary) == 2)
    helper = int(running.diary[0].split()[1])
    await running.until(lambda: not psutil.pid_exists(helper) or not lives(psutil.Process(helper)))
    await running.stop()


async def test_line_that_says_nothing_to_people_is_in_the_log_alone(running: Running) -> None:
    code = PRINT_AND_STAY.format(text="WARNING overcommit\nhello")
    running.start(running.script("valkey", code, unsaid=["overcommit"]))
    await running.until(lambda: "│ hello" in running.out.getvalue())
    await running.stop()
    assert "overcommit" not in running.out.getvalue()
    assert running.log("valkey") == b"WARNING overcommit\nhello\n"
