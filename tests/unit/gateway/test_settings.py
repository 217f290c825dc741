import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from gateway.settings import GatewaySettings
from streamlit_client.settings import PageSettings


def test_every_setting_says_what_it_is() -> None:
    silent = [name for name, field in GatewaySettings.model_fields.items() if not field.description]
    assert silent == []


def test_gateway_is_for_this_machine_alone_unless_told_otherwise() -> None:
    settings = GatewaySettings()
    assert settings.host == "127.0.0.1"
    assert "*" not in settings.allowed_hosts | settings.allowed_origins


def test_a_prediction_is_given_up_before_the_page_gives_up() -> None:
    names = ("quick_seconds", "call_seconds", "handler_seconds")
    quick, call, handler = (GatewaySettings.model_fields[name].default for name in names)
    assert quick < 2 < call < handler < 30


def test_lists_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_ALLOWED_HOSTS", "daegu.example, ,")
    monkeypatch.setenv("GATEWAY_ALLOWED_ORIGINS", "https://daegu.example")
    monkeypatch.setenv("PREDICTION_TARGET", "prediction:50051")

    settings = GatewaySettings()

    assert settings.allowed_hosts == {"daegu.example", "localhost", "127.0.0.1", "[::1]", "gateway"}
    assert settings.allowed_origins == {"https://daegu.example"}
    assert settings.prediction_target == "prediction:50051"


@pytest.mark.parametrize(
    ("name", "value"),
    [("GATEWAY_PORT", "70000"), ("GATEWAY_QUICK_SECONDS", "0"), ("GATEWAY_CONCURRENT_REQUESTS", "-1")],
)
def test_senseless_setting_fails_at_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        GatewaySettings()


@pytest.mark.parametrize("kind", [GatewaySettings, PageSettings])
@pytest.mark.parametrize(("given", "kept"), [("/daegu/", "/daegu"), ("/", ""), ("/a/b", "/a/b")])
def test_slash_at_the_end_of_the_base_path_says_nothing_more(
    kind: type[BaseSettings], given: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASE_PATH", given)
    assert kind().base_path == kept  # type: ignore[attr-defined]
