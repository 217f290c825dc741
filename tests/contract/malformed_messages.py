"""Messages that no client writes: what a service answers to them has a deliberate code."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import grpc

SC = grpc.StatusCode
DELIBERATE = {SC.OK, SC.INVALID_ARGUMENT, SC.NOT_FOUND, SC.FAILED_PRECONDITION, SC.OUT_OF_RANGE, SC.RESOURCE_EXHAUSTED}
NO_IDS = ("", "x", "\0", "٣", "0" * 100_000, "01980000-0000-7000-8000-000000000000\n", "../../etc/passwd")


def mutated(message: bytes, choose: random.Random) -> bytes:
    """Returns a message with up to four stretches of bytes added, lost, changed or repeated."""
    changed = bytearray(message)
    for _ in range(choose.randint(1, 4)):
        place = choose.randrange(len(changed) + 1)
        match choose.randrange(4):
            case 0:
                changed[place:place] = choose.randbytes(choose.randint(1, 8))
            case 1:
                del changed[place : place + choose.randint(1, 8)]
            case 2:
                changed[place : place + 1] = choose.randbytes(1)
            case _:
                changed[place:place] = changed[: choose.randint(0, len(changed))]
    return bytes(changed)


async def check_answers_to_mutated(channel: grpc.aio.Channel, calls: Sequence[tuple[str, Any]]) -> None:
    """Calls each method with its message, with nothing and with mutations: no code is UNKNOWN or INTERNAL."""
    choose = random.Random(20_260_101)
    codes: Counter[grpc.StatusCode] = Counter()
    for method, message in calls:
        valid = message.SerializeToString()
        for body in [valid, b"", *(mutated(valid, choose) for _ in range(40))]:
            call: Any = channel.unary_unary(method, None, None)(body)
            codes[await call.code()] += 1
    assert set(codes) <= DELIBERATE
    assert codes[SC.OK] > 20
    assert codes[SC.INVALID_ARGUMENT] > 50
