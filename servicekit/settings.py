"""Settings that every service shares. A service adds its own fields and sets `env_prefix`.

An environment variable comes first, then a file of that name in lower case in the secrets folder, as container engines
mount it: /run/secrets/database_url for DATABASE_URL.
"""

import os
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.logs import LogFormat

VERSION = "0.2.0"
MOST_DAYS = 36_500
"""How many days something can be kept; longer is for good."""
_SECRETS = Path(os.environ.get("SECRETS_DIR", "/run/secrets"))


class ProcessSettings(BaseSettings):
    """Logging, metrics and tracing of a process."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, secrets_dir=_SECRETS if _SECRETS.is_dir() else None
    )

    log_format: LogFormat = Field("json", validation_alias="LOG_FORMAT", description="`json` or `console`.")
    log_level: str = Field("INFO", validation_alias="LOG_LEVEL", description="Lowest level to log.")
    metrics_host: str = Field("127.0.0.1", description="Address of the metrics.")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port of the metrics for Prometheus; 0 takes a free one; unset disables them."
    )
    tracing_endpoint: str | None = Field(
        None,
        validation_alias="TRACING_ENDPOINT",
        description="http://host:port of an OpenTelemetry collector (OTLP over gRPC); unset disables tracing.",
    )


class ServerSettings(ProcessSettings):
    """How a gRPC service listens and stops."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    max_concurrent_rpcs: int = Field(1000, gt=0, description="Maximum number of concurrent calls; more are refused.")
    leave_seconds: float = Field(
        0.3, ge=0, description="How long calls are still served at a stop, while callers switch to another replica."
    )
    drain_seconds: float = Field(10.0, ge=0, description="How long running calls may take to finish at a stop.")
    connection_seconds: float = Field(
        60.0, gt=0, description="How long a connection takes new calls; then clients reconnect and find new replicas."
    )


class DatabaseSettings(ProcessSettings):
    """Where PostgreSQL is, and how long to wait for it."""

    database_url: SecretStr = Field(
        validation_alias=AliasChoices("DATABASE_URL"), description="postgresql://user:password@host:port/database"
    )
    database_pool_size: int = Field(5, gt=0, description="Connections kept open.")
    database_connect_seconds: int = Field(2, gt=0, description="Longest wait for a connection to open.")
    database_statement_seconds: float = Field(10.0, gt=0, description="Longest run of one statement.")
    database_lock_seconds: float = Field(2.0, gt=0, description="Longest wait for a lock.")
