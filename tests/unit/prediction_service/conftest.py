"""The model of the repository, loaded once."""

from pathlib import Path

import pytest

from prediction_service.accident import Vocabulary
from prediction_service.model import EcloModel
from tests.real_servers import REPOSITORY

MODEL_DIRECTORY = REPOSITORY / "model"


@pytest.fixture(scope="session")
def model_directory() -> Path:
    """Folder with the two files of the model."""
    return MODEL_DIRECTORY


@pytest.fixture(scope="session")
def model(model_directory: Path) -> EcloModel:
    """The loaded model."""
    return EcloModel.load(model_directory)


@pytest.fixture
def vocabulary(model: EcloModel) -> Vocabulary:
    """A reader of accidents that has read none yet."""
    return Vocabulary(model.vocabulary.allowed)
