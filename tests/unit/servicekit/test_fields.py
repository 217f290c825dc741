"""What a request names: ids, and pages of lists."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from servicekit.errors import Refused
from servicekit.ids import new_id, parse_id
from servicekit.paging import Place, index_after, page_offset, page_size


def test_new_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {UUID(text).version for text in ids} == {7}


def test_page_is_what_was_asked_for_or_the_usual_one() -> None:
    assert [page_size(0), page_size(1), page_size(100), page_size(0, most=9, default=5)] == [20, 1, 100, 5]
    assert [page_offset(0), page_offset(1000), page_offset(2, most=2)] == [0, 1000, 2]


def test_cursor_names_the_row_behind_which_a_list_goes_on() -> None:
    place = Place(datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC), new_id())
    assert Place.read(place.cursor()) == place
    assert Place.read("") is None
    assert [index_after(""), index_after("0"), index_after("500")] == [0, 0, 500]


def test_what_is_no_id_and_no_page_is_refused_by_field() -> None:
    refused: dict[str, Callable[[], object]] = {
        "batch_id": lambda: parse_id("'; DROP TABLE", "batch_id"),
        "limit": lambda: page_size(101),
        "page_size": lambda: page_size(-1, "page_size"),
        "offset": lambda: page_offset(1001),
        "after": lambda: index_after("-1"),
    }
    for field, read in refused.items():
        with pytest.raises(Refused, match="REQUEST_INVALID") as raised:
            read()
        assert [violation.field for violation in raised.value.violations] == [field]


_ID = "01a22d6c-ce71-7383-96a3-13a76d85cdb7"


@pytest.mark.parametrize("cursor", ["7", "x.y", f"{2**70:x}.{_ID}", "1.", ".1", "'; DROP TABLE"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Refused, match="REQUEST_INVALID") as raised:
        Place.read(cursor)
    assert [violation.reason for violation in raised.value.violations] == ["CURSOR_INVALID"]


def test_offset_is_refused_beside_a_cursor() -> None:
    with pytest.raises(Refused, match="REQUEST_INVALID") as raised:
        page_offset(1, Place(datetime.now(UTC), new_id()).cursor())
    assert [violation.reason for violation in raised.value.violations] == ["OFFSET_WITH_AFTER"]
