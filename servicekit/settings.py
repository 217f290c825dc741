"""Settings that every service shares. A service adds its own fields and sets `env_prefix`."""

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.logs import LogFormat

VERSION = "0.1.0"


class ProcessSettings(BaseSettings):
    """How a process logs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    log_format: LogFormat = Field("json", validation_alias="LOG_FORMAT", description="`json` or `console`.")
    log_level: str = Field("INFO", validation_alias="LOG_LEVEL", description="Lowest level that is logged.")


class ServerSettings(ProcessSettings):
    """How a gRPC service listens and stops."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    max_concurrent_rpcs: int = Field(1000, gt=0, description="Calls under way at once; one more is refused.")
    drain_seconds: float = Field(10.0, ge=0, description="How long calls under way may take to finish at a stop.")


class DatabaseSettings(ProcessSettings):
    """Where PostgreSQL is and how long anyone waits for it."""

    database_url: SecretStr = Field(
        validation_alias=AliasChoices("DATABASE_URL"), description="postgresql://user:password@host:port/database"
    )
    database_pool_size: int = Field(5, gt=0, description="Connections kept open.")
    database_connect_seconds: int = Field(2, gt=0, description="Longest wait for a connection to open.")
    database_statement_seconds: float = Field(10.0, gt=0, description="Longest run of one statement.")
    database_lock_seconds: float = Field(2.0, gt=0, description="Longest wait for a lock.")
