"""Settings of the gateway, read from the environment."""

from typing import Annotated, Self

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from servicekit.base_path import BasePath
from servicekit.settings import ProcessSettings
from servicekit.targets import Target

# For health checks, and for the page of the compose stack.
_OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "gateway"})


class GatewaySettings(ProcessSettings):
    """Every setting of the gateway; the environment variable is `GATEWAY_` + name unless an alias is given."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore", populate_by_name=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    processes: int = Field(
        1,
        gt=0,
        description="Processes that share the port; each has its share of `GATEWAY_CONNECTIONS`, "
        "`GATEWAY_CONCURRENT_REQUESTS` and `GATEWAY_WAITING_PREDICTIONS`.",
    )
    prediction_target: Target = Field(
        "127.0.0.1:50051",
        validation_alias=AliasChoices("PREDICTION_TARGET"),
        description="host:port of the prediction service, or one for each replica, separated by commas.",
    )
    dataset_target: Target = Field(
        "127.0.0.1:50053",
        validation_alias=AliasChoices("DATASET_TARGET"),
        description="host:port of the dataset service, or one for each replica, separated by commas.",
    )
    chat_target: Target = Field(
        "127.0.0.1:50052",
        validation_alias=AliasChoices("CHAT_TARGET"),
        description="host:port of the chat service, or one for each replica, separated by commas.",
    )
    # Any web page can make a browser send requests to a server on the same machine; these two settings restrict that.
    allowed_hosts: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(),
        validate_default=True,
        description="Host names that the gateway answers to besides `localhost`, `127.0.0.1` and `gateway`, separated "
        "by commas; `*` for any.",
    )
    allowed_origins: Annotated[frozenset[str], NoDecode] = Field(
        frozenset({"http://localhost:8501", "http://127.0.0.1:8501"}),
        description="Origins of web pages that may call the gateway, separated by commas.",
    )
    base_path: BasePath = Field(
        "",
        validation_alias=AliasChoices("BASE_PATH"),
        description="Path of the gateway behind a proxy, such as `/daegu`; the proxy may strip it or not.",
    )
    page_url: str = Field("http://localhost:8501", description="Public URL of the page; share links begin with it.")
    quick_seconds: float = Field(
        1.6,
        gt=0,
        description="Timeout of fast calls, for example a prediction; refused within 2 s.",
    )
    call_seconds: float = Field(27.0, gt=0, description="Timeout of slow calls to a service.")
    answer_seconds: float = Field(
        180.0, gt=0, description="Longest stream of a chat answer; longer than the chat service's own limit."
    )
    handler_seconds: float = Field(28.0, gt=0, description="Longest time for one answer, except streams.")
    waiting_predictions: int = Field(
        2000, gt=0, description="Maximum number of waiting single predictions; more are refused."
    )
    connections: int = Field(
        20_000,
        gt=0,
        description="Maximum number of open connections, lower if file descriptors are short; more are refused.",
    )
    concurrent_requests: int = Field(2000, gt=0, description="Maximum number of concurrent requests.")
    header_seconds: float = Field(10.0, gt=0, description="Longest time to send the headers of a request.")
    header_bytes: int = Field(32 * 1024, gt=0, description="Largest headers of a request.")
    stall_seconds: float = Field(
        15.0, gt=0, description="Longest stall while a client sends a body or reads an answer."
    )
    least_bytes_per_second: int = Field(10_000, gt=0, description="Lowest accepted rate of a body.")
    body_seconds: float = Field(60.0, gt=0, description="How far a body may fall behind that rate.")
    small_body_bytes: int = Field(64 * 1024, gt=0, description="Largest body of most routes.")
    batch_body_bytes: int = Field(
        16 * 1024 * 1024, gt=0, description="Largest body of a batch; 20,000 accidents with JSON escapes are 10 MB."
    )
    upload_body_bytes: int = Field(
        52_428_800 + 64 * 1024, gt=0, description="Largest body of an upload: a file of 50 MB plus the form."
    )
    # Longer than clients keep an idle connection, so that they do not send on one that is being closed.
    keep_alive_seconds: int = Field(30, gt=0, description="How long a connection may be idle between requests.")
    # Longer than the longest answer of the chat, so that its stream ends.
    drain_seconds: int = Field(30, ge=0, description="How long running requests may take to finish at a stop.")

    @property
    def upload_seconds(self) -> float:
        """How long an upload of the largest file takes at the slowest accepted rate."""
        return self.body_seconds + self.upload_body_bytes / self.least_bytes_per_second + self.call_seconds

    def share_of(self, processes: int) -> Self:
        """Returns the settings of one of several processes, whose limits add up to these."""
        limits = ("connections", "concurrent_requests", "waiting_predictions")
        return self.model_copy(update={name: max(1, getattr(self, name) // processes) for name in limits})

    @field_validator("allowed_hosts")
    @classmethod
    def _add_own(cls, value: frozenset[str]) -> frozenset[str]:
        return _OWN_HOSTS | value

    @field_validator("allowed_hosts", "allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
