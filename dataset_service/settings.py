"""Settings of the dataset service, read from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from servicekit.settings import DatabaseSettings, ServerSettings


class DatasetSettings(ServerSettings, DatabaseSettings):
    """Every setting of the service; the environment variable is `DATASET_` + name unless an alias is given."""

    model_config = SettingsConfigDict(env_prefix="DATASET_", frozen=True, extra="ignore")

    port: int = Field(50053, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
