"""Korean texts of models and users, and what must be displayed for each."""

from html.parser import HTMLParser

# Markdown of an answer → its visible text, with white space collapsed.
ANSWERS: dict[str, str] = {
    # ---- tildes are ranges
    "출근은 7~9시, 퇴근은 17~19시입니다.": "출근은 7~9시, 퇴근은 17~19시입니다.",
    "약 30~40%이고 ~~취소선~~이 아닙니다": "약 30~40%이고 ~~취소선~~이 아닙니다",
    "33~39도, 1~2월 | 3~4월": "33~39도, 1~2월 | 3~4월",
    "**10~19세**와 **20~29세**": "10~19세와 20~29세",
    r"이미 피한 7\~9시와 5\*3": "이미 피한 7~9시와 5*3",
    # ---- bold before a particle
    "**교차로(2,345건)**는 가장 많습니다": "교차로(2,345건)는 가장 많습니다",
    '**"달서구"**가 그다음입니다': '"달서구"가 그다음입니다',
    "**‘수성구’**의 **“북구”**를": "‘수성구’의 “북구”를",
    "**34.5%**로 나타났습니다": "34.5%로 나타났습니다",
    "**[안내](https://example.com/a)**를 보세요": "안내를 보세요",
    "**`사고유형`**은 열입니다": "사고유형은 열입니다",
    "총**(잠정)**치": "총(잠정)치",
    "**건수:**1,234건": "건수:1,234건",
    "**건수:** 1,234건": "건수: 1,234건",
    "*교차로(안)*는 *'단일로'*와": "교차로(안)는 '단일로'와",
    "***교차로(안)***는": "교차로(안)는",
    "**교차로(안)는 *특히(밤)*가 많다.**그래서": "교차로(안)는 특히(밤)가 많다.그래서",
    "(**굵게**)와 **가**·**나**": "(굵게)와 가·나",
    "**대구광역시**에서 **2,345건!**이": "대구광역시에서 2,345건!이",
    "전체의**52%**가": "전체의52%가",
    "**교차로【안】**는 **「표」**를": "교차로【안】는 「표」를",
    # ---- asterisks and underscores that are not emphasis
    "평균 5 * 3 * 2 = 30": "평균 5 * 3 * 2 = 30",
    "5*3*2와 x**2 + y**2": "5*3*2와 x**2 + y**2",
    "단가*수량*비율로 계산합니다": "단가*수량*비율로 계산합니다",
    "사고_유형_코드와 __init__ 와 _x_": "사고_유형_코드와 __init__ 와 _x_",
    "각주* 표시는 그대로": "각주* 표시는 그대로",
    "** 빈칸이 있는 것 **": "** 빈칸이 있는 것 **",
    # ---- dates and numbers at the start of a line
    "2020. 11. 3. 사망 4명\n2018. 2. 14. 사망 3명": "2020. 11. 3. 사망 4명 2018. 2. 14. 사망 3명",
    "2023. 5. 1.": "2023. 5. 1.",
    "2024. 5월 통계": "2024. 5월 통계",
    "11. 3. 사망 4명\n12. 25. 사망 2명": "11. 3. 사망 4명 12. 25. 사망 2명",
    "- 2020. 11. 3. 사망\n- 2018. 2. 14. 부상": "2020. 11. 3. 사망 2018. 2. 14. 부상",
    "1. 2020. 11. 3. 사망\n2. 2018. 2. 14. 부상": "1. 2020. 11. 3. 사망 2. 2018. 2. 14. 부상",
    "1. 11. 3. 사망\n2. 12. 25. 부상": "1. 11. 3. 사망 2. 12. 25. 부상",
    "합계입니다.\n2021. 1. 1. 기준": "합계입니다. 2021. 1. 1. 기준",
    "1. 첫째\n2020. 11. 3. 사망": "1. 첫째 2020. 11. 3. 사망",
    "> 2020. 11. 3. 사망": "2020. 11. 3. 사망",
    "+ 12건 늘고\n- 3월에 줄었다": "+ 12건 늘고 3월에 줄었다",
    # ---- real lists keep their numbers
    "1. 첫째\n2. 둘째": "1. 첫째 2. 둘째",
    "3. 셋째\n5. 다섯째": "3. 셋째 5. 다섯째",
    "1) 첫째\n2) 둘째": "1) 첫째 2) 둘째",
    "10. 열째\n11. 열한째": "10. 열째 11. 열한째",
    "1. 34.5%는 교차로": "1. 34.5%는 교차로",
    "- 달서구\n  - 상인동\n- 수성구": "달서구 상인동 수성구",
    # ---- money, formulas and ratios
    "$100에서 $200 사이": "$100에서 $200 사이",
    "$$E=mc^2$$ 와 $a_1 + b_1$": "$$E=mc^2$$ 와 $a_1 + b_1$",
    "비율은 1:100:1, 시각은 12:100:30": "비율은 1:100:1, 시각은 12:100:30",
    # ---- code stays as written
    '코드는 `df["비용($)"]` 이고': '코드는 df["비용($)"] 이고',
    "`7~9시 **굵게** <b> :smile: $x$`는": "7~9시 **굵게** <b> :smile: $x$는",
    '```python\ndf["비용($)"].sum()  # $100~$200\n```': 'df["비용($)"].sum() # $100~$200',
    "```\n2020. 11. 3.\n| a | b |\n```": "2020. 11. 3. | a | b |",
    "```mermaid\ngraph TD\n```": "graph TD",
    # ---- tables
    "| 구분 | 건수 |\n|---|---:|\n| 1~2월 | 1,234 |\n| **합계(전체)**는 | a\\|b |": (
        "구분 건수 1~2월 1,234 합계(전체)는 a|b"
    ),
    "표입니다.\n| 열 | 값 |\n|---|---|\n| `x` | $1~$2 |": "표입니다. 열 값 x $1~$2",
    # ---- text that Streamlit would change
    "A -> B, 5 <- 6, C -- D, x >= 3, y <= 4, a ~= b": "A -> B, 5 <- 6, C -- D, x >= 3, y <= 4, a ~= b",
    ":smile: :red[빨강] :material/home: :streamlit: (c)": ":smile: :red[빨강] :material/home: :streamlit: (c)",
    # ---- HTML and images are text; links are links
    "<b>굵게</b> <br> a < b > c & d": "<b>굵게</b> <br> a < b > c & d",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    '<img src="http://example.com/a.png">': '<img src="http://example.com/a.png">',
    "![그림](http://example.com/a.png)과 ![](http://example.com/b.png)": "그림과",
    "그림만 **![](http://example.com/b.png)**": "그림만",
    "[링크](http://example.com) [위험](javascript:alert(1))": "링크 [위험](javascript:alert(1))",
    "[참고]: 2023년": "[참고]: 2023년",
    "[^1]: 각주": "[^1]: 각주",
    "- [ ] 할 일\n- [x] 한 일": "[ ] 할 일 [x] 한 일",
    # ---- lines and headings
    "첫 줄\n둘째 줄": "첫 줄 둘째 줄",
    "값\n---\n다음": "값 다음",
    "합계\n===": "합계 ===",
    "### 3~5월 **(봄)**은": "3~5월 (봄)은",
    "#해시태그와 #1위": "#해시태그와 #1위",
    "    들여 쓴 줄 **(굵게)**는": "들여 쓴 줄 (굵게)는",
    "> **인용(원문)**은 7~9시": "인용(원문)은 7~9시",
}  # fmt: skip

# Names and values of files, titles and questions: each must be displayed unchanged.
NAMES = (
    "10~19세", "20~29세 ~ 30~39세", "금액($)", "$100~$200", "<20", "A&B", "A&amp;B", "**굵게**", "_x_", "__init__", "*",
    "[0, 10)", "[링크](http://example.com)", "![그림](http://example.com/a.png)", "<b>굵게</b>", "<br>", "<script>",
    "`코드`", "# 제목", "- 항목", "+ 12", "1. 첫째", "2020. 11. 3.", "> 인용", "| a | b |", ":smile:", ":red[빨강]",
    ":material/home:", "1:100:1", "12:30:45", "A -> B", "a <-> b", "x >= 3 -- y", "a\\b", "%{y}", "{name}", "^2^",
    "---", "===", "http://example.com/?a=1&b=_2_", "www.example.com/_x_", "#1", "50%", "'따옴표' \"둘\"",
)  # fmt: skip


class _VisibleText(HTMLParser):
    _BLOCKS = ("p", "li", "br", "hr", "tr", "td", "th", "pre", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote")

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._numbers: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in self._BLOCKS:
            self.text += " "
        if tag in ("ol", "ul"):
            self._numbers.append(int(found.get("start") or 1) - 1 if tag == "ol" else None)
        if tag == "li" and (last := self._numbers[-1]) is not None:
            self._numbers[-1] = int(found.get("value") or last + 1)
            sign = ")" if ")" in (found.get("style") or "") else "."
            self.text += f"{self._numbers[-1]}{sign} "

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ol", "ul"):
            self._numbers.pop()
        if tag in self._BLOCKS:
            self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data


def visible_text(html: str) -> str:
    """Returns the visible text of HTML, with list numbers and collapsed white space."""
    parser = _VisibleText()
    parser.feed(html)
    parser.close()
    return " ".join(parser.text.split())
