from pydantic import SecretStr

from chat_service.refused_keys import MOST_KEYS, RefusedKeys

KEY, OTHER = SecretStr("sk-ant-refused-0000"), SecretStr("sk-ant-other-0000")


def test_refusal_is_remembered_for_a_while_or_until_the_key_is_accepted() -> None:
    now = 0.0
    keys = RefusedKeys(60.0, clock=lambda: now)
    keys.add(KEY)
    assert KEY in keys
    assert OTHER not in keys
    now = 59.0
    assert KEY in keys
    now = 60.0
    assert KEY not in keys
    keys.add(KEY)
    keys.discard(KEY)
    assert KEY not in keys


def test_of_too_many_the_oldest_is_forgotten() -> None:
    keys = RefusedKeys(60.0)
    keys.add(KEY)
    keys.add(OTHER)
    keys.add(KEY)  # refused again: it is the youngest now
    for number in range(MOST_KEYS - 1):
        keys.add(SecretStr(f"sk-ant-many-{number:08}"))
    assert OTHER not in keys
    assert KEY in keys
    assert "sk-ant" not in str(keys._refused_at)
