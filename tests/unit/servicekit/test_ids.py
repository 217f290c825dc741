from uuid import UUID

import pytest

from servicekit.errors import Refused
from servicekit.ids import new_id, parse_id


def test_new_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {UUID(text).version for text in ids} == {7}


def test_text_that_is_no_uuid_is_refused_by_field() -> None:
    with pytest.raises(Refused, match="REQUEST_INVALID") as raised:
        parse_id("'; DROP TABLE", "batch_id")
    assert [violation.field for violation in raised.value.violations] == ["batch_id"]
