from typing import Any

from chat_service import datasets, rows
from chat_service.settings import ChatSettings
from gateway.settings import GatewaySettings


def longest(name: str) -> float:
    field: Any = ChatSettings.model_fields[name]
    return float(next(limit.le for limit in field.metadata if hasattr(limit, "le")))


def test_longest_run_is_over_and_its_end_told_before_anybody_gives_it_up() -> None:
    assert longest("run_seconds") < datasets._LEASE_SECONDS
    until_told = longest("run_seconds") + longest("store_seconds")
    assert until_told < rows.LONGEST_PENDING_SECONDS
    assert until_told < GatewaySettings.model_fields["answer_seconds"].default
