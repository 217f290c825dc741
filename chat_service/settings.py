"""Settings of the chat service, read from the environment."""

import ssl
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, FilePath, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from servicekit.settings import DatabaseSettings, ServerSettings
from servicekit.targets import Target


class ChatSettings(ServerSettings, DatabaseSettings):
    """Every setting of the service; the environment variable is `CHAT_` + name unless an alias is given."""

    model_config = SettingsConfigDict(env_prefix="CHAT_", env_ignore_empty=True, frozen=True, extra="ignore")

    port: int = Field(50052, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    drain_seconds: float = Field(
        30.0,
        ge=0,
        description="How long calls and answers may take to end at a stop; after that, partial answers are stored.",
    )
    dataset_target: Target = Field(
        "127.0.0.1:50053",
        validation_alias=AliasChoices("DATASET_TARGET"),
        description="host:port of the dataset service, or one for each replica, separated by commas.",
    )
    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379"),
        validation_alias=AliasChoices("REDIS_URL"),
        description="redis://:password@host:port of the answer cache, which is database 1.",
    )
    anthropic_base_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+",
        validation_alias=AliasChoices("ANTHROPIC_BASE_URL"),
        description="URL of the Messages API; by default Anthropic's.",
    )
    https_proxy: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("HTTPS_PROXY"),
        description="http://user:password@host:port of a proxy to the Messages API.",
    )
    no_proxy: str = Field(
        "",
        validation_alias=AliasChoices("NO_PROXY"),
        description="Hosts reached without the proxy, separated by commas.",
    )
    ssl_cert_file: FilePath | None = Field(
        None,
        validation_alias=AliasChoices("SSL_CERT_FILE"),
        description="PEM file of additional trusted certificates, for example of an office's CA.",
    )
    model: str = Field("claude-sonnet-5-5", min_length=1, description="Default model.")
    effort: Literal["low", "medium", "high"] = Field("low", description="Effort of the model: low is fastest.")
    answer_tokens: int = Field(8192, ge=256, description="Maximum number of tokens of one reply, including thinking.")
    max_rounds: int = Field(8, gt=0, description="Maximum number of replies of the model per question.")
    run_seconds: float = Field(25.0, gt=0, le=150, description="Longest run for one question, including tools.")
    store_seconds: float = Field(
        10.0,
        gt=0,
        le=20,
        description="How long an answer waits for an unavailable database before it is an error.",
    )
    stall_seconds: float = Field(15.0, gt=0, description="Longest silence of the provider.")
    connect_seconds: float = Field(3.0, gt=0, description="Longest wait for a connection to the provider.")
    model_attempts: int = Field(
        3, gt=0, description="Maximum number of attempts for one reply after temporary failures."
    )
    retry_seconds: float = Field(
        2.0, ge=0, description="Longest pause before the first retry of a reply; doubles with each further retry."
    )
    tool_seconds: float = Field(10.0, gt=0, description="Longest run of one tool.")
    describe_seconds: float = Field(1.9, gt=0, description="Longest wait for the description of a dataset.")
    max_runs: int = Field(100, gt=0, description="Maximum number of questions answered at once; more are refused.")
    cache_seconds: int = Field(3600, gt=0, description="How long an answer is cached for the same question.")
    cache_wait_seconds: float = Field(0.1, gt=0, description="Longest wait for the answer cache.")

    @field_validator("https_proxy")
    @classmethod
    def _has_scheme(cls, address: SecretStr | None) -> SecretStr | None:
        """Adds the scheme to `host:port`, which other programs accept as well."""
        if address is None:
            return None
        url = address.get_secret_value()
        url = url if "://" in url else f"http://{url}"
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError("HTTPS_PROXY is no address of a proxy like http://host:port.")
        return SecretStr(url)

    @field_validator("ssl_cert_file")
    @classmethod
    def _holds_certificates(cls, file: Path | None) -> Path | None:
        if file is not None:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
            except OSError as error:
                raise ValueError(f"{file} holds no certificates in PEM: {error}") from error
        return file
