import pytest

from servicekit.api_key_in_text import refuse_api_key
from servicekit.errors import Refused

OWN = "sk-ant-" + "api03-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA"  # in one piece it would be a key in a file


@pytest.mark.parametrize(
    "text",
    [
        "sk-ant-api03-abcdefgh",
        "제 키는 sk-ant-api03-AbCdEf_123-입니다. 사고가 많은 곳은?",
        "키(sk-ant-oat01-abcdefghij)로 물어봐",
        "sk-ant\u200b-api03-abcdefgh",  # an invisible space
        "ｓｋ－ａｎｔ－ａｐｉ０３－ａｂｃｄｅｆｇｈ",  # as a Korean keyboard may write it
        OWN,
        f"앞{OWN}뒤",
        OWN.replace("Zm9v", "Zm9v\n"),
        OWN[:8] + " " + OWN[8:],
        OWN.removeprefix("sk-ant-"),
    ],
)
def test_text_with_a_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Refused, match="KEY_IN_TEXT") as raised:
        refuse_api_key(text, "message", OWN)
    assert raised.value.violations[0].field == "message"
    assert "abcdefgh" not in repr(raised.value)


def test_text_that_only_speaks_of_keys_passes() -> None:
    for text in (
        "",
        "사고가 가장 많은 시간대는?",
        "sk-ant-로 시작하는 키는 어디서 받나요?",
        "sk-ant-…",
        "api03",
        "sk-antelope-1",
    ):
        refuse_api_key(text, "message", OWN)
        refuse_api_key(text, "message", "sk-ant-short")
