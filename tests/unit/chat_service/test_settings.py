from typing import Any

from chat_service import datasets, late_writes, leases, rows, turn_store
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


def test_turn_of_a_dead_process_fails_within_ten_seconds_of_its_last_beat() -> None:
    assert turn_store.LEASE_SECONDS + leases.BEAT_SECONDS + leases._PATIENCE_SECONDS < 10
    assert turn_store.LEASE_SECONDS >= 4 * leases.BEAT_SECONDS  # one slow beat, or two, cost no turn


def test_owners_renew_and_store_late_before_expired_turns_are_failed_after_an_outage() -> None:
    assert 2 * max(leases.BEAT_SECONDS, late_writes._LONGEST_PAUSE_SECONDS) < leases._PATIENCE_SECONDS
