"""How the tests themselves are run."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real_servers import REPOSITORY
from tests.time_limit import TimeLimitPassed, time_limit

_DIES = "import os\ndef test_before(): pass\ndef test_dies(): os._exit(1)\ndef test_after(): pass\n"


def test_run_whose_worker_dies_ends_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "test_worker.py").write_text(_DIES)
    for name in ("one", "two", "three"):
        (tmp_path / f"test_{name}.py").write_text("def test_it(): pass\n")
    light = ("-p", "no:hypothesispytest", "-p", "no:cacheprovider")
    options = ("-c", str(REPOSITORY / "pyproject.toml"), "--rootdir", str(tmp_path), "-n", "2", "--dist", "loadfile")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *light, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "crashed while running 'test_worker.py::test_dies'" in run.stdout


def test_time_limit_ends_a_loop_that_hangs() -> None:
    with pytest.raises(TimeLimitPassed), asyncio.Runner() as runner, time_limit(0.1):
        runner.run(asyncio.Event().wait())
