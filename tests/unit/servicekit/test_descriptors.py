"""The limit that is raised is that of the process alone, so it is raised in one of its own."""

import subprocess
import sys

_PROGRAM = """
import resource, sys
from servicekit.descriptors import raise_descriptor_limit
hard = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
print(raise_descriptor_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_soft_limit_becomes_the_hard_one() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM, "512"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["512", "512", "512"]
