import gc
import sys
from collections.abc import AsyncIterator

import pytest

from streamlit_client.files.csv_file import CsvTable, read_csv
from streamlit_client.files.held_files import HeldFiles, RoomFull


async def parts(*given: bytes) -> AsyncIterator[bytes]:
    for part in given:
        yield part


async def cut(*given: bytes) -> AsyncIterator[bytes]:
    async for part in parts(*given):
        yield part
    raise ConnectionError


async def test_file_is_handed_out_once() -> None:
    files = HeldFiles(10)
    file_id = await files.receive(4, parts(b"ab", b"cd"))
    held = files.take(file_id)
    assert held
    assert held.content == b"abcd"
    assert files.take(file_id) is None


async def test_room_of_all_files_is_bounded_until_the_last_thing_made_of_one_is_gone() -> None:
    files = HeldFiles(10)
    held = files.take(await files.receive(8, parts(b"12345678")))
    assert held
    kept = held.claim  # as a session keeps it, beside the table
    del held
    with pytest.raises(RoomFull):
        await files.receive(3, parts(b"123"))
    del kept
    assert await files.receive(3, parts(b"123"))


async def test_file_that_broke_off_takes_no_room() -> None:
    files = HeldFiles(10)
    with pytest.raises(ConnectionError):
        await files.receive(8, cut(b"1234"))
    assert await files.receive(8, parts(b"12345678"))


def test_table_of_many_short_cells_takes_no_more_than_three_times_its_file() -> None:
    content = b"\n".join(b",".join(b"%d" % (row * cell) for cell in range(200)) for row in range(1, 500))
    table = read_csv(content)
    assert len(table.rows) == 498
    assert size_of(table) < 3 * len(content)


def size_of(table: CsvTable) -> int:
    """Returns the bytes of everything that only the table refers to."""
    seen: set[int] = set()
    waiting: list[object] = [table.rows, table.lines]
    size = 0
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen and not isinstance(thing, type):
            seen.add(id(thing))
            size += sys.getsizeof(thing)
            waiting += gc.get_referents(thing)
    return size
