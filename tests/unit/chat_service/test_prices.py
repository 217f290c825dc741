from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from chat_service.answers import TokenUsage
from chat_service.prices import ModelFile
from chat_service.settings import ChatSettings

MODELS = ModelFile.load()


def test_prices_say_their_date() -> None:
    assert date.fromisoformat(MODELS.prices_of) <= date.today() + timedelta(days=1)  # noqa: DTZ011 - it may be tomorrow elsewhere


def test_default_model_has_a_price() -> None:
    assert MODELS.find(ChatSettings.model_fields["model"].default)


def test_prices_of_every_model_are_in_proportion() -> None:
    for known in MODELS.models.values():
        assert known.cache_read < known.input < known.cache_write < known.output


def test_cost_is_that_of_each_kind_of_token() -> None:
    usage = TokenUsage(input=1_000_000, output=100_000, cached=2_000_000, cache_written=10_000)
    assert MODELS.cost("claude-sonnet-5-5", [usage]) == pytest.approx(2.0 + 1.0 + 0.2 + 0.025)


def test_long_prompt_makes_its_own_request_dearer_and_no_other() -> None:
    short, long = TokenUsage(input=100_000, output=1000), TokenUsage(input=90_000, cached=10_001, output=1000)
    cost = MODELS.cost("claude-haiku-5-5", [short, long])
    assert cost == pytest.approx((100_000 * 0.1 + 1000 * 0.5 + 90_000 * 0.5 + 10_001 * 0.05 + 1000 * 2.5) / 1e6)


def test_unknown_model_has_no_cost_rather_than_a_wrong_one() -> None:
    assert MODELS.cost("claude-of-tomorrow-7", [TokenUsage(input=1)]) is None


def test_dated_name_is_the_model_without_its_date() -> None:
    assert MODELS.find("claude-haiku-4-5-20251001") is MODELS.models["claude-haiku-4-5"]
    assert MODELS.find("claude-haiku-4-9") is None


def test_only_the_older_generation_takes_no_effort() -> None:
    assert [MODELS.takes_effort(model) for model in ("claude-sonnet-5-5", "claude-haiku-4-5", "claude-next")] == [
        True, False, True,
    ]  # fmt: skip


def test_file_with_a_fault_is_not_loaded(tmp_path: Path) -> None:
    broken = tmp_path / "models.toml"
    broken.write_text('prices_of = "soon"\n[models.a]\nname = "A"\ninput = 1\noutput = 0\n', "utf-8")
    with pytest.raises(ValidationError, match="4 validation errors"):
        ModelFile.load(broken)
