from scripts.benchmarks.reads import find_forgotten


def test_every_route_and_every_rpc_is_measured_or_known_to_change() -> None:
    assert find_forgotten() == []
