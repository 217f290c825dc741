from streamlit_client.tools.result import without_table


def test_text_above_a_table_has_neither_its_head_nor_what_that_lacks() -> None:
    text = (
        "가장 많은 값은 `비`입니다.\n\n| 값 |\n| --- |\n| 비 |\n\n글의 표에는 2행 중 1행만 있습니다.\n\n근거: 전체 2행."
    )
    assert without_table(text) == "가장 많은 값은 `비`입니다.\n\n근거: 전체 2행."
