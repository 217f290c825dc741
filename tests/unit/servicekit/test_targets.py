import pytest
from pydantic import TypeAdapter, ValidationError

from servicekit.targets import Target, find_addresses, grpc_target


@pytest.mark.parametrize(
    ("target", "in_grpc"),
    [
        ("127.0.0.1:50051", "127.0.0.1:50051"),
        ("prediction:50051", "prediction:50051"),
        ("[::1]:50051", "[::1]:50051"),
        ("10.0.0.1:50051,10.0.0.2:50052", "ipv4:10.0.0.1:50051,10.0.0.2:50052"),
        (" 10.0.0.1:50051 , 10.0.0.2:50051 ", "ipv4:10.0.0.1:50051,10.0.0.2:50051"),
        ("[::1]:50051,[fd00::2]:50051", "ipv6:[::1]:50051,[fd00::2]:50051"),
    ],
)
def test_target_is_written_as_grpc_reads_it(target: str, in_grpc: str) -> None:
    assert grpc_target(target) == in_grpc


@pytest.mark.parametrize(
    "target",
    [
        "one:50051,two:50051",
        "10.0.0.1:50051,[::1]:50051",
        "10.0.0.1,10.0.0.2",
        "10.0.0.1:50051,",
        "prediction",
        ":50051",
        "dns:///prediction:50051",
    ],
)
def test_list_that_grpc_cannot_use_is_refused_at_the_start(target: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Target).validate_python(target)


async def test_addresses_of_a_list_are_its_own() -> None:
    assert await find_addresses("10.0.0.1:50051, 10.0.0.2:50052") == {"10.0.0.1:50051", "10.0.0.2:50052"}
    assert await find_addresses("[::1]:50051") == {"[::1]:50051"}


async def test_addresses_of_a_name_are_of_one_kind() -> None:
    assert await find_addresses("localhost:50051") == {"127.0.0.1:50051"}


async def test_name_that_nobody_has_is_an_error() -> None:
    with pytest.raises(OSError):
        await find_addresses("nowhere.invalid:50051")
