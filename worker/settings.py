"""Settings of the worker, read from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from servicekit.settings import MOST_DAYS, ProcessSettings
from servicekit.targets import Target


class WorkerSettings(ProcessSettings):
    """Every setting of the worker; the environment variable is `WORKER_` + name unless an alias is given."""

    model_config = SettingsConfigDict(env_prefix="WORKER_", frozen=True, extra="ignore")

    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379"),
        validation_alias=AliasChoices("REDIS_URL"),
        description="redis://:password@host:port of the Celery broker.",
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
    concurrency: int = Field(2, gt=0, description="Maximum number of batches followed at once.")
    batch_seconds: float = Field(3600.0, gt=0, description="Longest uninterrupted processing of one batch.")
    reconcile_seconds: float = Field(2.0, gt=0, description="Pause between checks for batches without a worker.")
    keep_predictions_days: int | None = Field(
        None,
        gt=0,
        le=MOST_DAYS,
        validation_alias=AliasChoices("KEEP_PREDICTIONS_DAYS"),
        description="How many days single predictions and ended batches are kept; unset keeps them for good.",
    )
    keep_conversations_days: int | None = Field(
        None,
        gt=0,
        le=MOST_DAYS,
        validation_alias=AliasChoices("KEEP_CONVERSATIONS_DAYS"),
        description="How many days conversations are kept after their last change; unset keeps them for good.",
    )
    keep_datasets_days: int | None = Field(
        None,
        gt=0,
        le=MOST_DAYS,
        validation_alias=AliasChoices("KEEP_DATASETS_DAYS"),
        description="How many days datasets are kept, those in use or shared longer; unset keeps them for good.",
    )
    retention_seconds: float = Field(60.0, gt=0, description="Interval of the deletion of what is no longer kept.")
    alive_file: Path | None = Field(
        None, description="File touched every second while this worker listens to the broker, for health checks."
    )
