"""Settings of the dataset service, read from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
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
    files: str | None = Field(
        None,
        pattern=r"^(file:///|s3://[^/])",
        description="Where uploaded files and their tables are: `file:///folder`, which all replicas share, or "
        "`s3://bucket/prefix`; by default the folder `datasets` in STATE_DIR.",
    )
    storage_directory: Path | None = Field(None, description="Former name of DATASET_FILES, as a folder.")
    s3_endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^/]+/?$",
        description="http(s)://host:port of a store that speaks the protocol of S3; unset for Amazon.",
    )
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_access_key: SecretStr | None = Field(
        None, description="Key id for the bucket; unset for what the machine has from Amazon."
    )
    s3_secret_key: SecretStr | None = Field(None, description="Secret that belongs to DATASET_S3_ACCESS_KEY.")
    s3_ca_file: Path | None = Field(None, description="Certificates (PEM) that the endpoint may have been signed by.")
    s3_seconds: float = Field(60.0, gt=0, description="Longest transfer of one file to or from the bucket.")
    cache_directory: Path | None = Field(
        None,
        description="Folder for uploads on their way to a bucket and copies of its files, which processes of one "
        "machine may share; by default `dataset-cache` in STATE_DIR.",
    )
    cache_bytes: int = Field(2048 * _MEBIBYTE, ge=0, description="Disk space for copies of files of a bucket.")
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
        60.0, gt=0, description="Interval of the removal of expired datasets, and of files that no dataset has."
    )
    draft_seconds: float = Field(
        60.0,
        gt=0,
        description="How long files that are being written are kept while their process gives no sign.",
    )

    @property
    def bucket(self) -> str | None:
        """The bucket and the prefix of the files; None if they are in a folder."""
        return self.files.removeprefix("s3://").rstrip("/") if self.files and self.files.startswith("s3://") else None

    @property
    def folder(self) -> Path:
        """The absolute folder of the files, if they are in one."""
        if self.files:
            return Path(self.files.removeprefix("file://")).resolve()
        return (self.storage_directory or self.state_dir / "datasets").resolve()

    @property
    def cache(self) -> Path:
        """The absolute folder of copies."""
        return (self.cache_directory or self.state_dir / "dataset-cache").resolve()
