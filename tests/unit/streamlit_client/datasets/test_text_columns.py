import pandas as pd

from streamlit_client.datasets.text_columns import text_columns

NARROW_SCREEN = 390


def test_one_long_text_among_short_ones_has_room_as_far_as_a_narrow_screen_goes() -> None:
    table = pd.DataFrame({"시각": [""] * 9 + ["2020-03-28 18:00"], "짧음": ["a"] * 10, "끝없음": ["가" * 1000] * 10})
    moments, short, endless = (column["width"] for column in text_columns(table, *table).values())
    assert short < 100 <= moments < endless < NARROW_SCREEN
