"""The eleven inputs of a prediction: allowed values, and how other spellings are read.

An allowed value is accepted by look-up. Anything else is normalised (NFC, spaces, full-width digits), then read if it
is unambiguous, and otherwise refused with the nearest allowed values.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from servicekit.korea.matching import find_region

FieldKind = Literal["category", "integer"]


class Field(NamedTuple):
    """One input: its name in the contract, its Korean name in the police records, and its kind."""

    name: str
    korean_name: str
    kind: FieldKind


FIELDS = (
    Field("weather", "기상상태", "category"),
    Field("road_surface", "노면상태", "category"),
    Field("road_type", "도로형태", "category"),
    Field("accident_type", "사고유형", "category"),
    Field("time_period", "시간대", "category"),
    Field("district", "시군구", "category"),
    Field("day_of_week", "요일", "category"),
    Field("accident_hour", "사고시", "integer"),
    Field("accident_year", "사고연도", "integer"),
    Field("accident_month", "사고월", "integer"),
    Field("accident_day", "사고일", "integer"),
)
NUMBER_RANGES = {
    "accident_hour": (0, 23),
    "accident_year": (2007, 2040),
    "accident_month": (1, 12),
    "accident_day": (1, 31),
}
WEEKDAYS = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
RUSH_IN, RUSH_OUT, NIGHT, ORDINARY = "출근시간대", "퇴근시간대", "심야", "일반시간대"
TIME_PERIODS = (ORDINARY, RUSH_OUT, RUSH_IN, NIGHT)

CITY = "대구광역시"
# Gunwi joined Daegu on 2023-07-01, after the last labelled accident: accepted with a warning.
UNTRAINED_DISTRICTS = tuple(
    f"{CITY} 군위군 {name}"
    for name in ("군위읍", "부계면", "산성면", "삼국유사면", "소보면", "우보면", "의흥면", "효령면")
)
# Other forms in older records and in use, each with one meaning.
_SHORT_FORMS: Mapping[str, Mapping[str, str]] = {
    "road_surface": {
        **dict.fromkeys(("습기", "젖음"), "젖음/습기"),
        **dict.fromkeys(("결빙", "서리"), "서리/결빙"),
    },
    "road_type": {
        "단일로 - 횡단보도상": "단일로 - 기타",
        "단일로 - 횡단보도부근": "단일로 - 기타",
        "고가도로": "단일로 - 고가도로위",
        "지하차도": "단일로 - 지하차도(도로)내",
    },
    "time_period": {
        **dict.fromkeys(("낮", "주간", "오전", "오후", "일반", "평시"), ORDINARY),
        **dict.fromkeys(("밤", "야간", "새벽", "심야시간대"), NIGHT),
        **dict.fromkeys(("아침", "출근", "출근시간"), RUSH_IN),
        **dict.fromkeys(("저녁", "퇴근", "퇴근시간"), RUSH_OUT),
    },
    "day_of_week": {weekday[:length]: weekday for weekday in WEEKDAYS for length in (1, 2)},
    # Renamed on 2018-03-01; and two branch offices that older records name instead of their town.
    "district": {
        f"{CITY} 달성군 {old}": f"{CITY} 달성군 {new}"
        for old, new in (
            ("옥포면", "옥포읍"),
            ("유가면", "유가읍"),
            ("현풍면", "현풍읍"),
            ("논공읍공단출장", "논공읍"),
            ("다사읍서재출장", "다사읍"),
        )
    },
}
_DATE_FIELDS = ("accident_year", "accident_month", "accident_day")
MOST_TEXT = 200
"""Maximum characters of a value; every label is much shorter."""
# Not in any label, and partly invalid in PostgreSQL's JSON: control characters, lone surrogates, U+FFFD.
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_MOST_SUGGESTED = 20
_LEAST_SIMILARITY = 0.3
_TEXTS_REMEMBERED = 4096


class Accident(NamedTuple):
    """The eleven inputs, in the order of FIELDS. Validated only if `Vocabulary.read` returned it."""

    weather: str
    road_surface: str
    road_type: str
    accident_type: str
    time_period: str
    district: str
    day_of_week: str
    accident_hour: int
    accident_year: int
    accident_month: int
    accident_day: int


@dataclass(frozen=True, slots=True)
class AccidentWarning:
    """A value that was interpreted or is doubtful; `used` equals `given` when the value was kept."""

    reason: str
    field: str
    given: str
    used: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that cannot be used, the allowed values, and the nearest of them."""

    field: str
    reason: str
    message: str
    allowed: tuple[str, ...] = ()
    suggestion: str = ""
    found: str = ""
    """What the value says instead."""


class InvalidAccident(Exception):
    """An accident that cannot be used; carries all of its problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class Reading(NamedTuple):
    """A valid accident, and the warnings about its values."""

    accident: Accident
    warnings: tuple[AccidentWarning, ...]


def time_period_of(hour: int) -> str:
    """Returns the time period that an hour (0 to 23) belongs to."""
    if 7 <= hour <= 9:
        return RUSH_IN
    if 17 <= hour <= 19:
        return RUSH_OUT
    return NIGHT if hour >= 22 or hour <= 5 else ORDINARY


_PERIOD_BY_HOUR = tuple(time_period_of(hour) for hour in range(24))


def normalise(text: str) -> str:
    """Returns the text in NFC, with full-width forms narrowed and spaces trimmed and collapsed."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


@cache
def _weekdays() -> Mapping[tuple[int, int, int], str]:
    """Returns the weekday of every accepted date, so that one look-up checks a date and its weekday."""
    first, last = NUMBER_RANGES["accident_year"]
    start = date(first, 1, 1)
    days = (start + timedelta(days=number) for number in range((date(last + 1, 1, 1) - start).days))
    return {(day.year, day.month, day.day): WEEKDAYS[day.weekday()] for day in days}


class Vocabulary:
    """Validates accidents. `allowed` has the labels of each category field. Thread-safe."""

    def __init__(self, allowed: Mapping[str, Sequence[str]]) -> None:
        self.allowed = {name: tuple(labels) for name, labels in allowed.items()}
        self._weather = frozenset(self.allowed["weather"])
        self._surfaces = frozenset(self.allowed["road_surface"])
        self._road_types = frozenset(self.allowed["road_type"])
        self._accident_types = frozenset(self.allowed["accident_type"])
        self._districts = frozenset(self.allowed["district"]) - frozenset(UNTRAINED_DISTRICTS)
        self._weekdays = _weekdays()
        self._forms = {name: [_forms(label) for label in labels] for name, labels in self.allowed.items()}
        regions = {label: find_region(label) for label in self.allowed["district"]}
        self._district_by_code = {region.code: label for label, region in regions.items() if region}
        # A file often repeats a misspelling in every row, and finding its nearest label is slow.
        self._read_text = lru_cache(_TEXTS_REMEMBERED)(self._read_new_text)

    def choices(self, name: str) -> tuple[str, ...]:
        """Returns the allowed values of a field: its labels (the first of many), or minimum and maximum.

        Empty for an unknown field.
        """
        if name in NUMBER_RANGES:
            return tuple(map(str, NUMBER_RANGES[name]))
        return self.allowed.get(name, ())[:_MOST_SUGGESTED]

    def read(self, raw: Accident) -> Reading:
        """Returns the accident with valid values. Raises `InvalidAccident` with all problems."""
        # Fast path, because this runs for every prediction: all values exactly as in the records, or left to derive.
        if (
            raw.weather in self._weather
            and raw.road_surface in self._surfaces
            and raw.road_type in self._road_types
            and raw.accident_type in self._accident_types
            and raw.district in self._districts
            and type(raw.accident_hour) is type(raw.accident_year) is int
            and type(raw.accident_month) is type(raw.accident_day) is int
            and 0 <= raw.accident_hour <= 23
            and (weekday := self._weekdays.get(raw[8:]))
        ):
            period = _PERIOD_BY_HOUR[raw.accident_hour]
            if raw.time_period == period and raw.day_of_week == weekday:
                return Reading(raw, ())
            if raw.time_period in ("", period) and raw.day_of_week in ("", weekday):
                return Reading(raw._replace(time_period=period, day_of_week=weekday), ())
        return self._read_closely(raw)

    def _read_closely(self, raw: Accident) -> Reading:
        problems: list[Problem] = []
        warnings: list[AccidentWarning] = []
        values: dict[str, Any] = {}
        for field, given in zip(FIELDS, raw, strict=True):
            if field.kind == "integer":
                problem = _number_problem(field, given)
                values[field.name] = given
            else:
                read = self._read_label(field.name, given)
                problem = read if isinstance(read, Problem) else None
                if isinstance(read, str):
                    values[field.name] = read
                    if read != normalise(str(given)):
                        warnings.append(AccidentWarning("READ_AS", field.name, str(given), read))
            if problem:
                problems.append(problem)
        weekday = ""
        if not any(problem.field in _DATE_FIELDS for problem in problems):
            try:
                weekday = WEEKDAYS[date(*(values[name] for name in _DATE_FIELDS)).weekday()]
            except ValueError:
                problems.append(_date_problem(*(values[name] for name in _DATE_FIELDS)))
        if problems:
            raise InvalidAccident(problems)

        derived = {"day_of_week": weekday, "time_period": _PERIOD_BY_HOUR[int(values["accident_hour"])]}
        for name, reason in (
            ("time_period", "PERIOD_CONTRADICTS_HOUR"),
            ("day_of_week", "WEEKDAY_CONTRADICTS_DATE"),
        ):
            if values[name] not in ("", derived[name]):
                warnings.append(AccidentWarning(reason, name, str(values[name]), derived[name]))
            values[name] = derived[name]
        if values["district"] in UNTRAINED_DISTRICTS:
            name = str(values["district"])
            warnings.append(AccidentWarning("DISTRICT_UNTRAINED", "district", name, name))
        return Reading(Accident(**values), tuple(warnings))

    def _read_label(self, name: str, given: object) -> str | Problem:
        if not isinstance(given, str):
            return Problem(name, "TEXT_EXPECTED", f"{name} must be a text.")
        if len(given) > MOST_TEXT:
            return Problem(
                name, "TEXT_TOO_LONG", f"{name} must have at most {MOST_TEXT} characters.", (str(MOST_TEXT),)
            )
        return self._read_text(name, given)

    def _read_new_text(self, name: str, given: str) -> str | Problem:
        text, allowed = normalise(given), self.allowed[name]
        if text == "" and name in ("time_period", "day_of_week"):
            return ""  # derived by the caller; unset fields of the contract are empty
        if text in allowed:
            return text
        certain = _SHORT_FORMS.get(name, {}).get(text)
        if certain in allowed:
            return certain
        candidates = [] if _UNREADABLE.search(given) else self._candidates(name, text)
        if len(candidates) == 1:
            return candidates[0]
        district = self._read_region(text) if name == "district" and not _UNREADABLE.search(given) else None
        if district is not None:
            return district
        nearest, suggestion = (candidates, candidates[0]) if candidates else self._nearest(name, text)
        message = f"{text[:80]!r} is not an allowed {name}."
        return Problem(name, "CATEGORY_UNKNOWN", message, tuple(nearest[:_MOST_SUGGESTED]), suggestion)

    def _read_region(self, text: str) -> str | Problem | None:
        """Returns the label of a town of Daegu however it is written, or what is wrong with a region outside."""
        region = find_region(CITY, text)
        if region is not None:
            return self._district_by_code.get(region.code)
        region = find_region(text)
        if region is None:
            return None
        message = f"{region.name} is outside Daegu."
        return Problem("district", "DISTRICT_OUTSIDE", message, found=region.name)

    def _candidates(self, name: str, text: str) -> list[str]:
        """Returns the labels that the text may abbreviate."""
        if not text:
            return []
        if name == "district":
            words = text.removeprefix(CITY).removeprefix("대구시").removeprefix("대구").split()
            return [label for label in self.allowed[name] if _is_tail_or_county(label.split()[1:], words)]
        if name == "accident_type":  # older records add a detail: `차대차 - 추돌`
            return [label for label in self.allowed[name] if label == re.split(" ?- ?", text)[0]]
        if name == "road_type":
            return [label for label in self.allowed[name] if text in label.split(" - ")]
        return []

    def _nearest(self, name: str, text: str) -> tuple[Sequence[str], str]:
        """Returns the labels to suggest, nearest first if there are many, and the nearest if it is similar enough."""
        allowed, grams = self.allowed[name], _grams(text)
        similarities = [max(_similarity(grams, form) for form in forms) for forms in self._forms[name]]
        order = sorted(range(len(allowed)), key=lambda index: -similarities[index])
        suggestion = allowed[order[0]] if similarities[order[0]] >= _LEAST_SIMILARITY else ""
        return (allowed if len(allowed) <= _MOST_SUGGESTED else [allowed[index] for index in order]), suggestion


def _forms(label: str) -> list[frozenset[str]]:
    """Returns the grams of a label and of each of its parts."""
    return [_grams(form) for form in dict.fromkeys((label, *re.split(" - |/", label)))]


def _grams(text: str) -> frozenset[str]:
    """Returns the characters and character pairs by which texts are compared."""
    short = text.removeprefix(CITY).replace(" ", "")
    return frozenset((*short, *map("".join, pairwise(short))))


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Returns Dice's coefficient, 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other))


def _is_tail_or_county(label: list[str], words: list[str]) -> bool:
    return bool(words) and (label[-len(words) :] == words or label[: len(words)] == words)


def _number_problem(field: Field, given: object) -> Problem | None:
    low, high = NUMBER_RANGES[field.name]
    if type(given) is not int:  # excludes bool, a subclass of int
        return Problem(field.name, "NUMBER_EXPECTED", f"{field.name} must be a whole number.", (str(low), str(high)))
    if not low <= given <= high:
        nearest = str(min(max(given, low), high))
        message = f"{field.name} must be from {low} to {high}."
        return Problem(field.name, "NUMBER_OUT_OF_RANGE", message, (str(low), str(high)), nearest)
    return None


def _date_problem(year: int, month: int, day: int) -> Problem:
    following = date(year + month // 12, month % 12 + 1, 1)
    last_day = str((following - date(year, month, 1)).days)
    message = f"There is no {year:04}-{month:02}-{day:02}."
    return Problem("accident_day", "DATE_IMPOSSIBLE", message, ("1", last_day), last_day)
