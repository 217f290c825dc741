"""Names and prices of the models, and whether they take an effort; from models.toml, which has their date."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from chat_service.answers import TokenUsage

_FILE = Path(__file__).with_name("models.toml")
_MILLION = 1_000_000


class Rates(BaseModel):
    """US dollars per million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(gt=0)
    output: float = Field(gt=0)
    cache_read: float = Field(gt=0)
    cache_write: float = Field(gt=0)

    def cost(self, usage: TokenUsage) -> float:
        """Returns the cost in US dollars."""
        return (
            usage.input * self.input
            + usage.output * self.output
            + usage.cached * self.cache_read
            + usage.cache_written * self.cache_write
        ) / _MILLION


class LongPromptRates(Rates):
    """Rates of a request whose prompt exceeds a number of tokens."""

    more_than_tokens: int = Field(gt=0)


class KnownModel(Rates):
    """One model in the file."""

    name: str
    takes_effort: bool = True
    long_prompt: LongPromptRates | None = None

    def rates_for(self, usage: TokenUsage) -> Rates:
        """Returns the rates of one request."""
        if self.long_prompt and usage.prompt > self.long_prompt.more_than_tokens:
            return self.long_prompt
        return self


class ModelFile(BaseModel):
    """The whole file. `models` has the newest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prices_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    models: Mapping[str, KnownModel]

    @classmethod
    def load(cls, path: Path = _FILE) -> "ModelFile":
        """Reads and checks the file."""
        return cls.model_validate(tomllib.loads(path.read_text("utf-8")))

    def find(self, model: str) -> KnownModel | None:
        """Returns a model by name, which may have a date, for example `…-4-5-20251001`."""
        return self.models.get(model) or self.models.get(model.rpartition("-")[0])

    def takes_effort(self, model: str) -> bool:
        """Tells whether a model thinks adaptively and takes an effort; an unknown model is assumed to be newer."""
        known = self.find(model)
        return known is None or known.takes_effort

    def cost(self, model: str, rounds: list[TokenUsage]) -> float | None:
        """Returns the cost of one run in US dollars; None if the model's price is unknown."""
        known = self.find(model)
        return None if known is None else sum(known.rates_for(usage).cost(usage) for usage in rounds)
