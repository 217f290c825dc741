import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.local.settings import REPOSITORY, LocalSettings, kept_password, read_env_file


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LocalSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_nothing_needs_to_be_set() -> None:
    settings = LocalSettings()
    assert settings.state == REPOSITORY / ".state"
    assert settings.ports() == {
        "GATEWAY_PORT": 8000, "STREAMLIT_PORT": 8501, "PREDICTION_PORT": 50051, "CHAT_PORT": 50052,
        "DATASET_PORT": 50053, "POSTGRES_PORT": 54320, "REDIS_PORT": 63790,
    }  # fmt: skip


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "")
    monkeypatch.setenv("DATABASE_URL", "")
    settings = LocalSettings()
    assert (settings.gateway_port, settings.database_url) == (8000, None)


def test_state_folder_may_be_named_from_home_or_from_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert LocalSettings(state_dir=Path("~/자료 폴더")).state == tmp_path / "자료 폴더"
    assert LocalSettings(state_dir=Path("../elsewhere")).state == REPOSITORY.parent / "elsewhere"


@pytest.mark.parametrize("port", [0, 65536, "팔천"])
def test_port_that_is_none_is_refused(port: object) -> None:
    with pytest.raises(ValidationError, match="gateway_port"):
        LocalSettings.model_validate({"gateway_port": port})


def test_log_level_may_be_written_small_but_must_exist() -> None:
    assert LocalSettings.model_validate({"log_level": "debug"}).log_level == "DEBUG"
    with pytest.raises(ValidationError, match="log_level"):
        LocalSettings.model_validate({"log_level": "loud"})


@pytest.mark.parametrize("given", ["postgres://u:p@h:1/d", "postgresql://u:p@h:1/d", "postgresql+psycopg2://u:p@h:1/d"])
def test_database_url_may_be_written_as_other_tools_do(given: str) -> None:
    url = LocalSettings.model_validate({"database_url": given}).database_url
    assert url is not None
    assert url.get_secret_value() == "postgresql://u:p@h:1/d"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("redis://:p@h:6379", "redis://:p@h:6379"),
        ("redis://:p@h:6379/", "redis://:p@h:6379"),
        ("redis://h/0", "redis://h"),
        ("rediss://h:1", "rediss://h:1"),
    ],
)
def test_redis_url_is_taken_without_the_number_of_a_database(given: str, meant: str) -> None:
    url = LocalSettings.model_validate({"redis_url": given}).redis_url
    assert url is not None
    assert url.get_secret_value() == meant


@pytest.mark.parametrize(
    "variables", [{"redis_url": "redis://h/5"}, {"redis_url": "h:6379"}, {"database_url": "mysql://u:secret@h/d"}]
)
def test_url_that_cannot_be_meant_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        LocalSettings.model_validate(variables)


def test_ports_of_servers_that_are_elsewhere_are_not_ours() -> None:
    elsewhere = LocalSettings.model_validate({"database_url": "postgresql://h/d", "redis_url": "redis://h"})
    assert not {"POSTGRES_PORT", "REDIS_PORT"} & set(elsewhere.ports())


def test_env_file_fills_what_the_environment_leaves_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_PORT", "9001")
    monkeypatch.setenv("LOG_LEVEL", "")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    file = tmp_path / ".env"
    text = "﻿GATEWAY_PORT=9000\nSTREAMLIT_PORT=9999\nLOG_LEVEL=DEBUG\nCHAT_MODEL=\nPREDICTION_WAITING_ROWS=7\nREDIS_URL='redis://:${x}@h'\n"
    file.write_text(text, encoding="utf-8")

    read_env_file(file)

    wanted = ("GATEWAY_PORT", "STREAMLIT_PORT", "LOG_LEVEL", "PREDICTION_WAITING_ROWS", "REDIS_URL")
    assert [os.environ[name] for name in wanted] == ["9000", "9001", "DEBUG", "7", "redis://:${x}@h"]
    assert "CHAT_MODEL" not in os.environ


def test_password_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "state" / "postgres.password"
    password = kept_password(file)
    assert len(password) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept_password(file) == password


def test_password_that_a_crash_left_empty_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "valkey.password"
    file.touch()
    assert kept_password(file) == file.read_text() != ""
