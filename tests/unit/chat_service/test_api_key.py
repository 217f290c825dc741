import pytest

from chat_service.api_key import METADATA_NAME, api_key_from, has_api_key
from servicekit.errors import Refused

KEY = "sk-ant-api03-abc_DEF-123"


def test_key_is_read_from_the_metadata() -> None:
    read = api_key_from(((METADATA_NAME, f" {KEY} "), ("x-request-id", "1")))
    assert read.get_secret_value() == KEY
    assert KEY not in repr(read)


@pytest.mark.parametrize("metadata", [None, (), (("authorization", KEY),), ((METADATA_NAME, ""),)])
def test_call_without_a_key_is_refused(metadata: tuple[tuple[str, str], ...] | None) -> None:
    with pytest.raises(Refused, match="API_KEY_MISSING"):
        api_key_from(metadata)


@pytest.mark.parametrize(
    "sent",
    [
        "hello",
        "sk-ant-short",
        "sk-ant-with space",
        "sk-ant-한글로-쓴-열쇠입니다",
        f"{KEY}\n{KEY}",
        f"{KEY}{'a' * 300}",
        "sk-proj-0123456789",
    ],
)
def test_what_can_be_no_key_is_refused_without_repeating_it(sent: str) -> None:
    with pytest.raises(Refused, match="API_KEY_ILL_FORMED") as raised:
        api_key_from(((METADATA_NAME, sent),))
    assert sent not in raised.value.message


def test_any_key_at_all_is_noticed() -> None:
    assert has_api_key(((METADATA_NAME, "x"),))
    assert not has_api_key(((METADATA_NAME, ""),))
    assert not has_api_key(None)
