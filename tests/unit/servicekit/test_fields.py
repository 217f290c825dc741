"""What a request names: ids, and pages of lists."""

from collections.abc import Callable
from uuid import UUID

import pytest

from servicekit.errors import Refused
from servicekit.ids import new_id, parse_id
from servicekit.paging import page_offset, page_size


def test_new_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {UUID(text).version for text in ids} == {7}


def test_page_is_what_was_asked_for_or_the_usual_one() -> None:
    assert [page_size(0), page_size(1), page_size(100), page_size(0, most=9, default=5)] == [20, 1, 100, 5]
    assert [page_offset(0), page_offset(2**31 - 1)] == [0, 2**31 - 1]


def test_what_is_no_id_and_no_page_is_refused_by_field() -> None:
    refused: dict[str, Callable[[], object]] = {
        "batch_id": lambda: parse_id("'; DROP TABLE", "batch_id"),
        "limit": lambda: page_size(101),
        "page_size": lambda: page_size(-1, "page_size"),
        "offset": lambda: page_offset(11, most=10),
    }
    for field, read in refused.items():
        with pytest.raises(Refused, match="REQUEST_INVALID") as raised:
            read()
        assert [violation.field for violation in raised.value.violations] == [field]
