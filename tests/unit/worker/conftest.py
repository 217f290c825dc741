import pytest

from tests.unit.worker.fake_batches import FakeBatches


@pytest.fixture
def batches() -> FakeBatches:
    return FakeBatches()  # type: ignore[abstract]  # the worker calls two of its methods
