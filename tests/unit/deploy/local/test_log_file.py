import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.log_file import LogFile


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_lines_of_several_runs_follow_each_other(tmp_path: Path) -> None:
    for line in (b"first\n", b"second\n"):
        with LogFile(tmp_path / "page.log") as log:
            log.write(line)
    assert (tmp_path / "page.log").read_bytes() == b"first\nsecond\n"


def test_full_file_makes_room_and_only_one_older_one_is_kept(tmp_path: Path) -> None:
    with LogFile(tmp_path / "page.log", most_bytes=10) as log:
        for number in range(6):
            log.write(b"line %d\n" % number)
    assert (tmp_path / "page.log").read_bytes() == b"line 4\nline 5\n"
    assert (tmp_path / "page.log.1").read_bytes() == b"line 2\nline 3\n"
    assert len(list(tmp_path.iterdir())) == 2


def test_full_disk_costs_the_lines_of_its_time_and_the_file_says_how_many(tmp_path: Path) -> None:
    (tmp_path / "page.log").symlink_to("/dev/full")
    with LogFile(tmp_path / "page.log") as log:
        log.write(b"first\nsecond\n")
        log.write(b"third\n")
        (tmp_path / "page.log").unlink()
        for line in (b"fourth\n", b"fifth\n"):
            log.write(line)
    assert (tmp_path / "page.log").read_text() == "(로그 3줄을 쓰지 못했습니다)\nfourth\nfifth\n"


@pytest.mark.parametrize("most_bytes", [5, 1000])
def test_removed_file_is_made_again_and_one_that_was_moved_is_left_alone(tmp_path: Path, most_bytes: int) -> None:
    file = tmp_path / "logs" / "page.log"
    with LogFile(file, most_bytes) as log:
        log.write(b"first\n")
        file.rename(tmp_path / "kept.log")
        log.write(b"second\n")
        shutil.rmtree(file.parent)
        file.parent.touch()  # no folder can be made
        log.write(b"lost\n")
        file.parent.unlink()
        log.write(b"third\n")
    assert file.read_text() == "(로그 1줄을 쓰지 못했습니다)\nthird\n"
    assert (tmp_path / "kept.log").read_bytes() == b"first\n"


def test_line_that_fits_in_part_leaves_no_half_behind(tmp_path: Path) -> None:
    with LogFile(tmp_path / "page.log") as log:
        log.write(b"first\n")
        with largest_file(10):
            log.write(b"far too long\n")
        log.write(b"third\n")
    assert (tmp_path / "page.log").read_text() == "first\n(로그 1줄을 쓰지 못했습니다)\nthird\n"
