import pytest

from streamlit_client.components.tool_result import answer_markdown


@pytest.mark.parametrize("marks", ["!", "!!", "!!!!"])
def test_picture_from_elsewhere_stays_a_link(marks: str) -> None:
    assert answer_markdown(f"{marks}[x](http://evil.example/?q=1)") == "[x](http://evil.example/?q=1)"
    assert answer_markdown(f"{marks}[x][1]\n\n[1]: http://evil.example/") == "[x][1]\n\n[1]: http://evil.example/"


def test_money_is_no_formula() -> None:
    assert answer_markdown("$3 와 $4") == r"\$3 와 \$4"
