"""Settings of the chat service, read from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from servicekit.settings import DatabaseSettings, ServerSettings


class ChatSettings(ServerSettings, DatabaseSettings):
    """Every setting of the service; the environment variable is `CHAT_` + name unless an alias is given."""

    model_config = SettingsConfigDict(env_prefix="CHAT_", frozen=True, extra="ignore")

    port: int = Field(50052, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
