"""The theme: one font stack, calm colours for light and dark mode, nothing fetched from the internet."""

from typing import Any

# The system's Korean font; the page has none of its own.
FONT = "Pretendard, 'Noto Sans KR', 'Malgun Gothic', 'Apple SD Gothic Neo', NanumGothic, sans-serif"

# Mildest first. They also differ in brightness, and are always shown with the word.
BAND_COLOURS = ("#8fb8d0", "#5f9e8f", "#e0a03c", "#c4473a")
RAISES, LOWERS, TOTAL, NEUTRAL = "#c4473a", "#3f7fae", "#7b8794", "#4f769a"

_LIGHT = {
    "primaryColor": "#2b6a8f",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f4f6f8",
    "textColor": "#0f161d",
    "linkColor": "#2b6a8f",
    "codeTextColor": "#0f161d",
    "borderColor": "#e1e6eb",
}
_DARK = {
    "primaryColor": "#4f9bc4",
    "backgroundColor": "#14181d",
    "secondaryBackgroundColor": "#1e242b",
    "textColor": "#e6e9ec",
    "linkColor": "#7fbde0",
    "codeTextColor": "#e6e9ec",
    "borderColor": "#323a43",
}
# Colours for our iframes, which do not inherit Streamlit's.
DARK_GROUND, DARK_TEXT = _DARK["secondaryBackgroundColor"], _DARK["textColor"]


def streamlit_theme() -> dict[str, Any]:
    """Returns Streamlit's theme options by full name. The browser's preference selects light or dark mode."""
    both = {
        "font": FONT,
        "headingFont": FONT,
        "baseFontSize": 15,
        "headingFontSizes": ["1.9rem", "1.25rem", "1.05rem"],
        "headingFontWeights": [700, 650, 650],
        "metricValueFontSize": "1.6rem",
        "metricValueFontWeight": 650,
        "baseRadius": "0.6rem",
        "paddingTop": "1rem",
        "paddingBottom": "3rem",
    }
    sections: dict[str, dict[str, Any]] = {"theme": both, "theme.light": _LIGHT, "theme.dark": _DARK}
    return {f"{section}.{name}": value for section, options in sections.items() for name, value in options.items()}
