"""What is committed: the files that git knows of, and their text."""

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.real_servers import REPOSITORY

_GENERATED = ("protos/gen/", "model/eclo_model.txt")


@cache
def committed() -> tuple[Path, ...]:
    """Returns the files of the project, relative to its root; a working copy without git has none to look at."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True).stdout
    return tuple(Path(name) for name in told.decode().split("\0") if name and (REPOSITORY / name).is_file())


def written_texts() -> Iterator[tuple[Path, str]]:
    """Yields the text files that people wrote."""
    for path in committed():
        if not str(path).startswith(_GENERATED):
            try:
                yield path, (REPOSITORY / path).read_text("utf-8")
            except UnicodeDecodeError:
                continue  # a picture
