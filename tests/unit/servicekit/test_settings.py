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


def test_environment_comes_before_the_file_and_an_empty_variable_counts_as_not_set(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_PORT", "")
    for given, source in (("", "file"), ("postgresql://from-environment@postgres/daegu", "environment")):
        monkeypatch.setenv("DATABASE_URL", given)
        settings = DatabaseSettings(_secrets_dir=secrets)
        assert settings.database_url.get_secret_value() == f"postgresql://from-{source}@postgres/daegu"
        assert settings.metrics_port is None
        assert "from-" not in repr(settings)


@pytest.mark.parametrize("port", ["-1", "65536", "many"])
def test_port_that_cannot_be_fails_the_start(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_PORT", port)
    with pytest.raises(ValidationError, match=r"(?i)metrics_port"):
        ProcessSettings()
