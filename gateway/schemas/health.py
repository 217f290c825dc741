"""Answers to the health checks."""

from pydantic import BaseModel, Field

from gateway.schemas.common import Answer, ErrorAnswer


class PartHealth(BaseModel):
    """State of one component."""

    status: str = Field(description="healthy, unhealthy or unknown.")
    latency_ms: float | None = Field(description="Duration of the answer; null if there is none.")


class HealthFields(BaseModel):
    """State of the whole system."""

    status: str = Field(description="healthy, degraded or unhealthy.")
    services: dict[str, PartHealth] = Field(
        description="State of prediction, dataset, chat, database, redis, worker and storage."
    )
    version: str = Field(description="Version of the application.")


class HealthAnswer(Answer, HealthFields):
    """State of the system while predictions are possible."""


class UnhealthyAnswer(ErrorAnswer, HealthFields):
    """State of the system while no prediction is possible."""


class LiveAnswer(Answer):
    """The process is running."""

    status: str = Field(description="Always alive.")
