from pathlib import Path

import pytest
from pydantic import ValidationError

from servicekit.settings import DatabaseSettings, ProcessSettings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "LOG_LEVEL", "METRICS_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    (tmp_path / "database_url").write_text("postgresql://from-file@postgres/daegu\n")
    return tmp_path


def test_secret_comes_from_the_file_of_its_name(secrets: Path) -> None:
    settings = DatabaseSettings(_secrets_dir=secrets)
    assert settings.database_url.get_secret_value() == "postgresql://from-file@postgres/daegu"


def test_environment_comes_before_the_file(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://from-environment@postgres/daegu")
    settings = DatabaseSettings(_secrets_dir=secrets)
    assert settings.database_url.get_secret_value() == "postgresql://from-environment@postgres/daegu"


def test_empty_variable_counts_as_not_set(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("METRICS_PORT", "")
    settings = DatabaseSettings(_secrets_dir=secrets)
    assert settings.database_url.get_secret_value() == "postgresql://from-file@postgres/daegu"
    assert settings.metrics_port is None


def test_secret_stays_out_of_what_is_printed(secrets: Path) -> None:
    assert "from-file" not in repr(DatabaseSettings(_secrets_dir=secrets))


@pytest.mark.parametrize("port", ["-1", "65536", "many"])
def test_port_that_cannot_be_fails_the_start(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_PORT", port)
    with pytest.raises(ValidationError, match=r"(?i)metrics_port"):
        ProcessSettings()
