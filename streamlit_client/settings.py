"""Settings of the page, read from the environment."""

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from servicekit.base_path import BasePath


class PageSettings(BaseSettings):
    """Every setting of the page; the environment variable is `PAGE_` + name unless an alias is given."""

    model_config = SettingsConfigDict(env_prefix="PAGE_", env_ignore_empty=True, frozen=True, extra="ignore")

    address: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(
        8501, ge=0, le=65535, validation_alias=AliasChoices("STREAMLIT_PORT"), description="Port to listen on."
    )
    processes: int = Field(
        1, ge=1, le=64, description="Processes that serve the page behind its port; each browser has one of them."
    )
    base_path: BasePath = Field(
        "",
        validation_alias=AliasChoices("BASE_PATH"),
        description="Path of the page behind a proxy, such as `/daegu`; the proxy may strip it or not.",
    )
    # Against DNS rebinding: a foreign host name that resolves to this machine must not reach the page.
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Host names that the page answers to besides `localhost`, `127.0.0.1` and `::1`; `*` for any."
    )
    backend_url: str = Field(
        "http://localhost:8000",
        pattern=r"^https?://[^/\s]+",
        validation_alias=AliasChoices("BACKEND_URL"),
        description="URL of the gateway.",
    )
    # Stays on this server: the page shows only that it is set, and its last characters.
    anthropic_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("ANTHROPIC_API_KEY"),
        description="Key for the chat until the user types another.",
    )
    connect_seconds: float = Field(3.0, gt=0, description="Longest wait for a connection to the gateway.")
    request_seconds: float = Field(30.0, gt=0, description="Longest wait for a whole answer of the gateway.")
    health_seconds: float = Field(2.0, gt=0, description="Longest wait for the state of the back end.")
    retry_seconds: float = Field(5.0, ge=0, description="Pause before a retry to the gateway.")
    header_seconds: float = Field(10.0, gt=0, description="Longest time to send the headers of a request.")
    drain_seconds: int = Field(
        10, ge=0, description="How long files on their way may take at a stop; open pages are told to connect again."
    )
    map_tiles_url: str = Field(
        "",
        pattern=r"^(https?://[^/\s;,'\"]+/[^\s'\"]*\{z\}[^\s'\"]*)?$",
        validation_alias=AliasChoices("MAP_TILES_URL"),
        description="Tile server of maps, such as `https://host/{z}/{x}/{y}.png`; unset for outlines of regions.",
    )
    map_tiles_attribution: str = Field(
        '&copy; <a href="https://www.openstreetmap.org/copyright" target="_blank">OpenStreetMap</a>',
        validation_alias=AliasChoices("MAP_TILES_ATTRIBUTION"),
        description="Attribution of the tile server on maps, in HTML.",
    )
    log_format: Literal["json", "console"] = Field(
        "json", validation_alias=AliasChoices("LOG_FORMAT"), description="`json` or `console`."
    )
    log_level: str = Field("INFO", validation_alias=AliasChoices("LOG_LEVEL"), description="Lowest level to log.")

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
