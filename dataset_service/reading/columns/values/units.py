"""Units of measurement and of counting, as people write them beside numbers, in names and in rows of units."""

import re
import unicodedata


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MONEY = _set("원 천원 만원 십만원 백만원 천만원 억원 십억원 백억원 조원 달러 유로")
"""A multiple of 원 is a unit of its own: its numbers stay as they are written."""
COUNTS = _set("명 건 개 개소 개교 곳 대 회 가구 세대 필지 필 면 석 실 마리 두 척 편 권 그루 학급 점포 팀 교")
PERCENT, AGE, HOUR, MONTH = "%", "세", "시", "월"
LIMITS = {HOUR: (0, 24), "년": (0, 999)}
"""Numbers beside these units are amounts only within such bounds: `2019년` is a date."""

_DURATIONS = _set("초 분 시간 일 주 개월 년")
_MEASURES = _set("""
    km m cm mm ㎢ ㎡ ㎥ ha 평 톤 kg g mg ㎍ kL L mL cc kW kWh MW MWh GWh kVA Hz dB hPa kcal lux ppm ppb rpm TOE
    ℃ ‰ %p m/s 층 배 점 위 A V W s h 호 동 급 종
""")
# Beside a number they make a name of it, as do all words that are no units: 101동, 3월.
_NAMES = _set("호 동 급 종 두 교 필 주 팀 권 편 실 월 A V W s h")
_SPELLINGS = {
    "명": "인", "개": "EA ea", "개소": "개소수", "세": "살", "톤": "t ton", "달러": "$ 불 USD", "유로": "€ EUR",
    "원": "₩ \\ KRW",
    "%": "퍼센트 percent 프로", "%p": "%P %포인트 퍼센트포인트", "‰": "퍼밀", "℃": "°C °c 도씨 degC", "㎍": "μg ug µg",
    "㎡": "m2 M2 제곱미터 평방미터", "㎢": "km2 제곱킬로미터", "㎥": "m3 M3 세제곱미터 입방미터", "ha": "HA 헥타르",
    "km": "KM Km 킬로미터", "m": "미터", "cm": "CM 센티미터", "mm": "MM 밀리미터", "kg": "KG Kg 킬로그램", "g": "그램",
    "L": "l 리터", "mL": "ml", "kL": "kl", "kW": "KW kw", "kWh": "KWH KWh kwh", "cc": "CC", "TOE": "toe", "m/s": "mps",
    "일": "日", "시간": "hr hour hours", "분": "min minutes", "초": "sec seconds", "년": "개년", "개월": "달",
}  # fmt: skip
_MULTIPLES = _set("십 백 천 만 십만 백만 천만 억 십억 백억 조")

# In a name, a bracket with one such letter rather tells days of the week or schools apart, unless the name is of time.
_LETTERS = _set("초 분 시 일 월 주 년 면 위 점 두 필 교")
_OF_TIME = re.compile(r"시간|기간|소요|주기|간격|경과|[연년일월]수|시차|시각")
_IN_BRACKETS = re.compile(r"[(\[（［]\s*(?:단위\s*[:：]?)?\s*([^()\[\]（）［］]{1,12}?)\s*[)\]）］]")


def _plain(text: str) -> str:
    slash_of_fractions = "\u2215"  # that of ㎧
    return unicodedata.normalize("NFKC", text).replace(" ", "").replace(slash_of_fractions, "/").strip("()[]")


_ONE_OF = {multiple + unit: unit for multiple in _MULTIPLES for unit in COUNTS | _MEASURES}
_UNITS = {
    _plain(unit): unit for unit in {PERCENT, AGE, HOUR, MONTH, *MONEY, *COUNTS, *_DURATIONS, *_MEASURES, *_ONE_OF}
}
_UNITS |= {_plain(spelling): unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def find_unit(text: str) -> str:
    """Returns the unit that a text names, in one spelling for all; empty text if it names none.

    `명/㎢` is one if both of its parts are.
    """
    plain = _plain(text)
    if plain in _UNITS:
        return _UNITS[plain]
    over, slash, per = plain.partition("/")
    if slash and over in _UNITS and per in _UNITS:
        return f"{_UNITS[over]}/{_UNITS[per]}"
    return ""


def unit_beside_number(text: str) -> str:
    """Returns the unit that a text beside a number names; empty text for a word that makes a name of the number."""
    unit = find_unit(text)
    return "" if unit in _NAMES else unit


def unit_in_name(name: str) -> str:
    """Returns the unit in brackets in the name of a column: `면적(㎡)`, `비율 [%]`; empty text if there is none."""
    for text in reversed(_IN_BRACKETS.findall(name)):
        unit = find_unit(text)
        if unit and (unit not in _LETTERS or _OF_TIME.search(name)):
            return unit
    return ""


def without_multiple(unit: str) -> str:
    """Returns the unit that `천명` is a multiple of."""
    return _ONE_OF.get(unit, unit)
