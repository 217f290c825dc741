"""Settings of the prediction service, read from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from servicekit.settings import DatabaseSettings, ServerSettings

_REPOSITORY = Path(__file__).resolve().parent.parent


class PredictionSettings(ServerSettings, DatabaseSettings):
    """Every setting of the service; the environment variable is `PREDICTION_` + name unless an alias is given."""

    model_config = SettingsConfigDict(env_prefix="PREDICTION_", frozen=True, extra="ignore")

    port: int = Field(50051, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    model_directory: Path = Field(_REPOSITORY / "model", description="Folder with eclo_model.txt and model.json.")
    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379"),
        validation_alias=AliasChoices("REDIS_URL"),
        description="redis://:password@host:port of the Celery broker.",
    )
    record_seconds: float = Field(
        1.5, gt=0, description="Longest wait for the database to store a group of predictions."
    )
    waiting_rows: int = Field(
        5000, gt=0, description="Maximum number of predictions waiting to be stored; more are refused."
    )
    batch_overdue_seconds: float = Field(
        5.0, gt=0, description="How long an unfinished batch may be without progress before a worker is woken again."
    )
