import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.state_folder import make_private


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_an_earlier_version_left_is_taken_from_others(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "logs").mkdir(parents=True)
    (state / "valkey" / "appendonlydir").mkdir(parents=True)
    files = [state / "lock", state / "logs" / "page.log", state / "valkey" / "appendonlydir" / "1.aof"]
    for file in files:
        file.touch()
    make_private(state)
    assert {mode(file) for file in files} == {0o600}
    assert {mode(folder) for folder in (state, state / "logs", state / "valkey" / "appendonlydir")} == {0o700}


def test_what_is_made_later_begins_private(tmp_path: Path) -> None:
    make_private(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "page.log").touch()
    assert (mode(tmp_path / "logs"), mode(tmp_path / "logs" / "page.log")) == (0o700, 0o600)


def test_folder_and_files_of_somebody_else_stay_as_they_are(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "logs").mkdir()
    (tmp_path / "letter").touch()
    (tmp_path / "logs" / "elsewhere").symlink_to(tmp_path / "letter")
    make_private(tmp_path)
    assert (mode(tmp_path), mode(tmp_path / "letter")) == (0o755, 0o644)
