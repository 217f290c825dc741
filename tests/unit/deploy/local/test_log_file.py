from pathlib import Path

from deploy.local.log_file import LogFile


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
