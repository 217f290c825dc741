import os
from pathlib import Path

import pytest

from deploy.local.settings import REPOSITORY, LocalSettings, kept_password, read_env_file


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LocalSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_nothing_needs_to_be_set_and_empty_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "")
    monkeypatch.setenv("DATABASE_URL", "")
    settings = LocalSettings()
    assert (settings.state, settings.api_url) == (REPOSITORY / ".state", "http://localhost:8000")
    assert settings.ports() == {
        "GATEWAY_PORT": 8000, "STREAMLIT_PORT": 8501, "PREDICTION_PORT": 50051, "CHAT_PORT": 50052,
        "DATASET_PORT": 50053, "POSTGRES_PORT": 54320, "REDIS_PORT": 63790,
    }  # fmt: skip


def test_state_folder_may_be_named_from_home_or_from_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert LocalSettings(state_dir=Path("~/자료 폴더")).state == tmp_path / "자료 폴더"
    assert LocalSettings(state_dir=Path("../elsewhere")).state == REPOSITORY.parent / "elsewhere"


@pytest.mark.parametrize(
    ("variable", "given", "meant"),
    [
        ("log_level", "debug", "DEBUG"),
        ("database_url", "postgres://u:p@h:1/d", "postgresql://u:p@h:1/d"),
        ("database_url", "postgresql+psycopg2://u:p@h:1/d", "postgresql://u:p@h:1/d"),
        ("redis_url", "redis://:p@h:6379/", "redis://:p@h:6379"),
        ("redis_url", "redis://h/0", "redis://h"),
        ("redis_url", "rediss://h:1", "rediss://h:1"),
    ],
)
def test_value_may_be_written_as_other_tools_do(variable: str, given: str, meant: str) -> None:
    value = getattr(LocalSettings.model_validate({variable: given}), variable)
    assert getattr(value, "get_secret_value", lambda: value)() == meant


def test_ports_of_servers_that_are_elsewhere_are_not_ours() -> None:
    elsewhere = LocalSettings.model_validate({"database_url": "postgresql://h/d", "redis_url": "redis://h"})
    assert not {"POSTGRES_PORT", "REDIS_PORT"} & set(elsewhere.ports())


def test_env_file_fills_what_the_environment_leaves_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"STREAMLIT_PORT": "9001", "LOG_LEVEL": ""})
    file = tmp_path / ".env"
    text = "\ufeffGATEWAY_PORT=9000\nSTREAMLIT_PORT=9999\nLOG_LEVEL=DEBUG\nCHAT_MODEL=\nREDIS_URL='redis://:${x}@h'\n"
    file.write_text(text, encoding="utf-8")
    read_env_file(file)
    filled = {"GATEWAY_PORT": "9000", "LOG_LEVEL": "DEBUG", "REDIS_URL": "redis://:${x}@h"}
    assert dict(os.environ) == {"STREAMLIT_PORT": "9001", **filled}


def test_password_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "state" / "postgres.password"
    password = kept_password(file)
    assert len(password) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept_password(file) == password
    file.write_text("")  # as a crash may leave it
    assert kept_password(file) == file.read_text() != ""


def test_replicas_listen_ten_ports_apart_and_all_ports_are_known() -> None:
    settings = LocalSettings(replicas=2)
    assert settings.replica_ports("prediction") == [50051, 50061]
    assert dict(settings.ports()).items() <= set(settings.all_ports())
    assert {port for _, port in settings.all_ports()} - set(settings.ports().values()) == {50061, 50062, 50063}
