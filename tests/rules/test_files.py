"""What must never be committed, and how files may not be called."""

import re
from pathlib import Path

import pytest

from tests.rules.repository import committed, written_texts

SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "base", "misc"}
# One folder of schemas was named by what its parts share before this rule was written down.
ALLOWED_NAMES = {Path("gateway/schemas/common.py")}
# That overlays change a base is how kustomize calls it.
KUSTOMIZE_BASE = Path("deploy/kubernetes/base")
DATA_SUFFIXES = {
    ".csv", ".parquet", ".arrow", ".feather", ".xlsx", ".pkl", ".pickle", ".joblib", ".db", ".sqlite", ".zip",
}  # fmt: skip
MOST_BYTES = 3 * 1024 * 1024
# Built from pieces, so that this file does not hold what it looks for.
PACKAGE_HOSTS = re.compile(
    r"files\.python"
    + r"hosted|pypi\.org/"
    + r"simple|registry\.npm"
    + r"js|--(?:index-"
    + r"url|extra-index|find-"
    + "links)"
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}\-/])/" + r"(?:work|root|home/\w+)" + r"/[\w.]")
KEYS = re.compile(
    r"sk-" + r"ant-(?:api|admin)\d\d-[\w-]{20,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|gh[pousr]_\w{36}"
)


def test_no_file_is_called_by_a_word_that_says_nothing() -> None:
    vague = {
        path
        for path in committed()
        if SAYS_NOTHING & {path.stem.lower(), path.parent.name.lower()} and path.parent != KUSTOMIZE_BASE
    }
    assert vague - ALLOWED_NAMES == set()


def test_no_data_set_no_pickle_and_nothing_huge_is_committed() -> None:
    assert {path for path in committed() if path.suffix.lower() in DATA_SUFFIXES} == set()
    assert [path for path in committed() if path.stat().st_size > MOST_BYTES] == []


@pytest.mark.parametrize(
    ("what", "pattern"), [("a package host", PACKAGE_HOSTS), ("a path of one machine", MACHINE_PATHS), ("a key", KEYS)]
)
def test_no_file_holds(what: str, pattern: re.Pattern[str]) -> None:
    found = {f"{path}: {match.group()}" for path, text in written_texts() for match in pattern.finditer(text)}
    assert found == set(), what


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (PACKAGE_HOSTS, "--index" + "-url https://somewhere"),
        (MACHINE_PATHS, "see /work" + "/main/x"),
        (MACHINE_PATHS, '"/home' + '/someone/app"'),
        (KEYS, "sk-" + "ant-api03-" + "a" * 30),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_environment_and_state_are_left_out_of_the_repository() -> None:
    kept_out = {".env", ".venv", ".state"}
    assert kept_out & {path.parts[0] for path in committed()} == set()
