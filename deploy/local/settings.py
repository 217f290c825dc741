"""Settings of the stack without Docker, read from the environment and from `.env`."""

import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.local import texts

REPOSITORY = Path(__file__).resolve().parent.parent.parent

Port = Annotated[int, Field(ge=1, le=65535)]


def _postgres_url(given: str | None) -> str | None:
    """Accepts the URL forms of other tools: `postgres://` and `postgresql+driver://`."""
    if given is None:
        return None
    url, count = re.subn(r"^postgres(ql)?(\+\w+)?://", "postgresql://", given)
    if not count:
        raise ValueError(texts.DATABASE_FORM)
    return url


def _redis_url(given: str | None) -> str | None:
    if given is None:
        return None
    parts = urlsplit(given)
    if parts.scheme not in ("redis", "rediss") or parts.query or parts.path.strip("/0"):
        raise ValueError(texts.REDIS_FORM)
    return f"{parts.scheme}://{parts.netloc}"


# Between the ports of two replicas of one service.
REPLICA_PORTS_APART = 10

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


class LocalSettings(BaseSettings):
    """The variables that `./scripts/up` itself reads; the programs read all others from the same environment."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")

    state_dir: Path = Field(Path(".state"), description="Folder for all stored data.")
    replicas: int = Field(
        1,
        ge=1,
        le=9,
        description="How many of each service and of the worker run; the second listens 10 ports above the first.",
    )
    gateway_port: Port = Field(8000, description="Port of the REST API.")
    streamlit_port: Port = Field(8501, description="Port of the page.")
    prediction_port: Port = Field(50051, description="gRPC port of the prediction service.")
    chat_port: Port = Field(50052, description="gRPC port of the chat service.")
    dataset_port: Port = Field(50053, description="gRPC port of the dataset service.")
    postgres_port: Port = Field(54320, description="Port of the embedded PostgreSQL.")
    redis_port: Port = Field(63790, description="Port of the embedded Valkey.")
    database_url: Annotated[SecretStr | None, BeforeValidator(_postgres_url)] = Field(
        None, description="External PostgreSQL to use instead of the embedded one."
    )
    redis_url: Annotated[SecretStr | None, BeforeValidator(_redis_url)] = Field(
        None, description="External Redis or Valkey to use instead of the embedded one."
    )
    backend_url: str | None = Field(None, description="URL of the REST API for the page.")
    anthropic_api_key: SecretStr | None = Field(
        None, description="Key for the chat until the user types another; never sent to browsers."
    )
    dataset_files: str | None = Field(None, description="Where uploaded files are: see the dataset service.")
    dataset_storage_directory: Path | None = Field(None, description="Former name of DATASET_FILES, as a folder.")
    log_level: Annotated[LogLevel, BeforeValidator(lambda given: str(given).upper())] = Field(
        "INFO", description="Lowest level to log."
    )

    @property
    def state(self) -> Path:
        """The absolute state folder; a relative setting is relative to the repository."""
        return (REPOSITORY / self.state_dir.expanduser()).resolve()

    @property
    def files_folder(self) -> Path | None:
        """The absolute folder of uploaded files; None if they are in a bucket."""
        if self.dataset_files is not None:
            url = urlsplit(self.dataset_files)
            return Path(url.path) if url.scheme == "file" else None
        return (self.dataset_storage_directory or self.state / "datasets").resolve()

    def ports(self) -> dict[str, int]:
        """Returns the ports to listen on, by environment variable."""
        elsewhere = {"postgres_port": self.database_url, "redis_port": self.redis_url}
        names = [name for name in type(self).model_fields if name.endswith("_port") and elsewhere.get(name) is None]
        return {name.upper(): getattr(self, name) for name in names}

    def replica_ports(self, service: str) -> list[int]:
        """Returns the ports of all replicas of `prediction`, `chat` or `dataset`."""
        first: int = getattr(self, f"{service}_port")
        return [first + number * REPLICA_PORTS_APART for number in range(self.replicas)]

    def all_ports(self) -> list[tuple[str, int]]:
        """Returns every port to listen on, with the environment variable that moves it."""
        more = [
            (f"{service.upper()}_PORT", port)
            for service in ("prediction", "chat", "dataset")
            for port in self.replica_ports(service)[1:]
        ]
        return [*self.ports().items(), *more]

    @property
    def page_url(self) -> str:
        """The address of the page on this machine."""
        return f"http://localhost:{self.streamlit_port}"

    @property
    def api_url(self) -> str:
        """Where the page finds the gateway: the configured URL, or that of the gateway started here."""
        return self.backend_url or f"http://localhost:{self.gateway_port}"


def load_settings(env_file: Path = REPOSITORY / ".env") -> LocalSettings:
    """Adds the variables of the file, if it exists, to the environment of all programs, and reads the settings.

    Raises `OSError` or `UnicodeDecodeError` when the file cannot be read, and `ValidationError`.
    """
    if env_file.exists():
        read_env_file(env_file)
    return LocalSettings()


def read_env_file(path: Path) -> None:
    """Adds the variables of a file like `.env` to the environment of all programs, unless they are set already.

    Raises `OSError` or `UnicodeDecodeError` when it cannot be read.
    """
    with path.open(encoding="utf-8-sig") as file:
        for name, value in dotenv_values(stream=file, interpolate=False).items():
            if value and not os.environ.get(name):
                os.environ[name] = value


def kept_password(path: Path) -> str:
    """Returns the password stored in a file that only its owner can read; generates it on first use."""
    if not path.exists() or not path.read_text():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()
