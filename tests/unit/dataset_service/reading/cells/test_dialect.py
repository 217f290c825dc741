"""A file is read in one way, in whichever process."""

import os
import subprocess
import sys

import pytest

_PROGRAM = """
from dataset_service.reading.cells.dialect import find_dialect
print(find_dialect('<?,x;ml v\\n\\nersion=\\t"1.0"?><a/>'))
"""


@pytest.mark.parametrize("seed", [1, 3])
def test_candidates_of_equal_worth_are_judged_in_the_order_of_the_text(seed: int) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    found = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, check=True, text=True
    )
    assert "delimiter='<?,'" in found.stdout
