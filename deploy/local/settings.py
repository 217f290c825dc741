"""Settings of the stack without Docker, read from the environment and from `.env`."""

import secrets
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent.parent


class LocalSettings(BaseSettings):
    """Every variable `./scripts/up` knows; .env.example and README describe them to people."""

    model_config = SettingsConfigDict(env_file=REPOSITORY / ".env", env_ignore_empty=True, frozen=True, extra="ignore")

    state_dir: Path = Field(Path(".state"), description="Folder for everything that is kept.")
    gateway_port: int = Field(8000, description="Port of the REST API.")
    streamlit_port: int = Field(8501, description="Port of the page.")
    prediction_port: int = Field(50051, description="gRPC port of the prediction service.")
    chat_port: int = Field(50052, description="gRPC port of the chat service.")
    dataset_port: int = Field(50053, description="gRPC port of the dataset service.")
    postgres_port: int = Field(54320, description="Port of our own PostgreSQL.")
    redis_port: int = Field(63790, description="Port of our own Valkey.")
    database_url: SecretStr | None = Field(None, description="A PostgreSQL to use instead of our own.")
    redis_url: SecretStr | None = Field(None, description="A Redis or Valkey to use instead of our own.")
    backend_url: str | None = Field(None, description="Where the page finds the REST API.")
    anthropic_api_key: SecretStr | None = Field(None, description="Fills the page's key field; never leaves it.")
    anthropic_base_url: str | None = Field(None, description="Where the chat service finds the Messages API.")
    chat_model: str | None = Field(None, description="Model the chat begins with.")
    log_level: str = Field("INFO", description="Lowest level that is logged.")

    @property
    def state(self) -> Path:
        """The state folder, absolute; a relative one is below the repository."""
        return (REPOSITORY / self.state_dir).resolve()

    def ports(self) -> dict[str, int]:
        """Returns the ports that will be listened on, by the variable that sets them."""
        named = {
            "GATEWAY_PORT": self.gateway_port,
            "STREAMLIT_PORT": self.streamlit_port,
            "PREDICTION_PORT": self.prediction_port,
            "CHAT_PORT": self.chat_port,
            "DATASET_PORT": self.dataset_port,
        }
        if self.database_url is None:
            named["POSTGRES_PORT"] = self.postgres_port
        if self.redis_url is None:
            named["REDIS_PORT"] = self.redis_port
        return named


def kept_password(path: Path) -> str:
    """Returns the password kept in a file that only its owner may read; makes it on first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()
