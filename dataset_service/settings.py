"""Settings of the dataset service, read from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from servicekit.settings import DatabaseSettings, ServerSettings
from servicekit.targets import Target

_MEBIBYTE = 1024 * 1024


class DatasetSettings(ServerSettings, DatabaseSettings):
    """Every setting of the service; the environment variable is `DATASET_` + name unless an alias is given."""

    model_config = SettingsConfigDict(env_prefix="DATASET_", frozen=True, extra="ignore")

    port: int = Field(50053, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    prediction_target: Target = Field(
        "127.0.0.1:50051",
        validation_alias=AliasChoices("PREDICTION_TARGET"),
        description="host:port of the prediction service, or one for each replica, separated by commas.",
    )
    state_dir: Path = Field(
        Path(".state"), validation_alias=AliasChoices("STATE_DIR"), description="Folder for all stored data."
    )
    storage_directory: Path | None = Field(
        None, description="Folder of uploaded files and their tables; by default `datasets` in STATE_DIR."
    )
    demo: bool = Field(False, description="Whether a new installation gets the example dataset.")
    least_free_bytes: int = Field(
        256 * _MEBIBYTE, ge=0, description="Disk space that uploads must leave free, for the database among others."
    )
    max_uploads: int = Field(16, gt=0, description="Maximum number of concurrent uploads; more are refused.")
    stall_seconds: float = Field(
        60.0, gt=0, description="Longest wait for the next bytes of an upload; longer than the gateway's limit."
    )
    readers: int = Field(2, gt=0, description="Processes that read CSV files.")
    turn_seconds: float = Field(
        13.0, gt=0, description="Longest wait for one of them to read a stored file again; half of a call's time."
    )
    read_seconds: int = Field(20, gt=0, description="Maximum CPU time for reading one CSV file.")
    read_memory_bytes: int = Field(1536 * _MEBIBYTE, gt=0, description="Maximum memory for reading one CSV file.")
    max_downloads: int = Field(16, gt=0, description="Maximum number of concurrent downloads; more are refused.")
    frame_bytes: int = Field(512 * _MEBIBYTE, gt=0, description="Memory for cached datasets.")
    sweep_seconds: float = Field(
        600.0, gt=0, description="Interval of the removal of expired datasets and orphaned files."
    )

    @property
    def storage(self) -> Path:
        """The absolute storage folder."""
        return (self.storage_directory or self.state_dir / "datasets").resolve()
