from typing import Any

from chat_service import datasets, store
from chat_service.settings import ChatSettings
from gateway.settings import GatewaySettings


def test_longest_run_is_over_before_anybody_gives_it_up() -> None:
    field: Any = ChatSettings.model_fields["run_seconds"]
    (longest,) = (limit.le for limit in field.metadata if hasattr(limit, "le"))
    assert longest < datasets._LEASE_SECONDS
    assert longest < int(str(store._LONGEST_PENDING).removeprefix("interval '").removesuffix(" seconds'"))
    assert longest < GatewaySettings.model_fields["answer_seconds"].default
