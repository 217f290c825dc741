from collections.abc import Iterator

import pytest

from tests.faults.prediction_service.running_stack import Stack, running_stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack, one for all tests here."""
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack
