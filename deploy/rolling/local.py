"""Tells the supervisor of `./scripts/up` to restart everything, and follows what it does."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.rolling import ENDED, report_file
from deploy.local.state_folder import locker
from deploy.local.texts import ROLLED
from deploy.rolling import texts

_LOOK_EVERY_SECONDS = 0.1


def restart_programs(state: Path, say: Callable[[str], None]) -> bool:
    """Returns whether everything came back; says each step."""
    supervisor = locker(state)
    if supervisor is None:
        say(texts.NOT_RUNNING.format(state=state))
        return False
    earlier = _read(state)
    os.kill(supervisor, signal.SIGHUP)
    # One that was under way already is followed to its end.
    over = earlier[:1] if earlier[-1:] == [ENDED] else []
    told, started = 1, earlier[:1]
    while True:
        lives = locker(state) == supervisor
        report = _read(state)
        if report[:1] != started:
            told, started = 1, report[:1]
        if report and started != over:
            for line in report[told:]:
                if line == ENDED:
                    return report[-2] == ROLLED
                say(line)
            told = max(told, len(report))
        if not lives:
            say(texts.STACK_ENDED)
            return False
        time.sleep(_LOOK_EVERY_SECONDS)


def _read(state: Path) -> list[str]:
    """Returns the complete lines of the report."""
    try:
        text = report_file(state).read_text("utf-8")
    except FileNotFoundError:
        return []
    return text[: text.rfind("\n") + 1].splitlines()
