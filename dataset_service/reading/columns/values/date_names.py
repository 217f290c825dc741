"""What the name of a column says of digits that may be a date, a time or another number.

Columns of a kind that a person chose are read without their name: then it says everything but a number.
"""

import re

_DAY = re.compile(
    r"일자|일시|날짜|[년연]월일|(?:^|[^요휴매평])일(?:$|[^가-힣])|date|(?:^|_)(?:dt|dttm|ymd)(?:$|_)", re.I
)
_MONTH = re.compile(r"[년연]월(?!일)|월$|월별|월[^가-힣]|기간|시점|시기|ym$|yymm|month|period", re.I)
_TIME = re.compile(r"시각|시분|시간|(?:^|_)(?:tm|hm|hms)(?:$|_)", re.I)
_NUMBER = re.compile(
    r"번호|코드|금액|가격|비용|단가|총액|인구|수량|면적|[건명]수|_id$|^id$|code|amount|price|number|"
    r"지번|번지|본번|부번|지수|(?:액|채무|부채|매출|예산|종가|시가|고가|저가|원가|정가)(?:$|[^가-힣])|"
    r"(?:^|[^a-z])no\.?$",
    re.I,
)
_RATIO = re.compile(r"비율|비례|배율|축척|점수|스코어|전적|경기|결과|ratio|score|scale", re.I)
_YEAR = re.compile(r"[년연]도|(?:^|[^가-힣]|기준|회계)[년연](?:$|[^가-힣])|year", re.I)


def says_day(name: str) -> bool:
    """Tells whether the name is that of days."""
    return not name or bool(_DAY.search(name))


def says_year(name: str) -> bool:
    """Tells whether the name is that of years."""
    return bool(_YEAR.search(name))


def says_month(name: str) -> bool:
    """Tells whether the name is that of months."""
    return not name or bool(_MONTH.search(name))


def says_time(name: str) -> bool:
    """Tells whether the name is that of times of day."""
    return not name or bool(_TIME.search(name))


def says_number(name: str) -> bool:
    """Tells whether the name is that of codes or amounts."""
    return bool(_NUMBER.search(name))


def says_ratio(name: str) -> bool:
    """Tells whether the name is that of ratios or scores, which are written like times."""
    return bool(_RATIO.search(name))
