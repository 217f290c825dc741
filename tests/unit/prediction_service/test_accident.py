"""How what people write about an accident is read, and what they are told when it cannot be."""

import calendar
import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest

from prediction_service.accident import (
    FIELDS,
    MOST_TEXT,
    NUMBER_RANGES,
    TIME_PERIODS,
    UNTRAINED_DISTRICTS,
    WEEKDAYS,
    Accident,
    AccidentWarning,
    InvalidAccident,
    Problem,
    Vocabulary,
    time_period_of,
)
from servicekit.korea.matching import find_region
from tests.unit.prediction_service.samples import ORDINARY


def _with(field: str, value: Any) -> Accident:
    values: dict[str, Any] = {field: value}
    return ORDINARY._replace(**values)


def _problems(vocabulary: Vocabulary, **values: Any) -> tuple[Problem, ...]:
    with pytest.raises(InvalidAccident) as raised:
        vocabulary.read(ORDINARY._replace(**values))
    return raised.value.problems


def _problem(vocabulary: Vocabulary, **values: Any) -> Problem:
    (problem,) = _problems(vocabulary, **values)
    return problem


def test_accident_that_is_exactly_allowed_is_read_as_it_is(vocabulary: Vocabulary) -> None:
    for _ in range(2):  # the long way, and then the short one
        assert vocabulary.read(ORDINARY) == (ORDINARY, ())


def test_every_allowed_label_is_read_as_itself(vocabulary: Vocabulary) -> None:
    for name in ("weather", "road_surface", "road_type", "accident_type", "district"):
        for label in vocabulary.allowed[name]:
            reading = vocabulary.read(_with(name, label))
            assert getattr(reading.accident, name) == label
            assert [warning.reason for warning in reading.warnings] in ([], ["DISTRICT_UNTRAINED"])


@pytest.mark.parametrize(
    ("field", "given", "read"),
    [
        ("road_surface", "젖음", "젖음/습기"),
        ("road_surface", "습기", "젖음/습기"),
        ("road_surface", "결빙", "서리/결빙"),
        ("road_surface", "서리", "서리/결빙"),
        ("road_type", "교차로안", "교차로 - 교차로안"),
        ("road_type", "터널", "단일로 - 터널"),
        ("road_type", "주차장", "주차장 - 주차장"),
        ("road_type", "지하차도", "단일로 - 지하차도(도로)내"),
        ("road_type", "고가도로", "단일로 - 고가도로위"),
        ("road_type", "단일로 - 횡단보도상", "단일로 - 기타"),
        ("accident_type", "차대차 - 추돌", "차대차"),
        ("accident_type", "차대사람 - 횡단중", "차대사람"),
        ("accident_type", "차량단독 - 전도전복 - 전도", "차량단독"),
        ("district", "상동", "대구광역시 수성구 상동"),
        ("district", "수성구 상동", "대구광역시 수성구 상동"),
        ("district", "대구 수성구 상동", "대구광역시 수성구 상동"),
        ("district", "대구시 수성구 상동", "대구광역시 수성구 상동"),
        ("district", "대구광역시 달성군 옥포면", "대구광역시 달성군 옥포읍"),
        ("district", "대구광역시 달성군 다사읍서재출장", "대구광역시 달성군 다사읍"),
        ("district", "대구광역시수성구범어동", "대구광역시 수성구 범어동"),
        ("district", "대구 중구 동인동1가", "대구광역시 중구 동인동1가"),
        ("district", "중구동인동1가", "대구광역시 중구 동인동1가"),
        ("district", "대구 수성구 상동 12-3", "대구광역시 수성구 상동"),
        ("district", "2711010100", "대구광역시 중구 동인동1가"),
        ("district", "달성군 현풍면", "대구광역시 달성군 현풍읍"),
        ("day_of_week", "수", "수요일"),
        ("day_of_week", "수요", "수요일"),
        *(("time_period", given, "심야") for given in ("밤", "야간", "새벽")),
        *(("time_period", given, "일반시간대") for given in ("낮", "오후")),
        *(("time_period", given, "출근시간대") for given in ("아침", "출근")),
        *(("time_period", given, "퇴근시간대") for given in ("저녁", "퇴근")),
    ],
)
def test_short_form_with_one_certain_meaning_is_read_and_said(
    vocabulary: Vocabulary, field: str, given: str, read: str
) -> None:
    hour = {"심야": 23, "출근시간대": 8, "퇴근시간대": 18}.get(read, ORDINARY.accident_hour)
    period = given if field == "time_period" else ""
    reading = vocabulary.read(_with(field, given)._replace(time_period=period, accident_hour=hour))
    assert getattr(reading.accident, field) == read
    assert reading.warnings == (AccidentWarning("READ_AS", field, given, read),)


@pytest.mark.parametrize(
    ("field", "given", "some_allowed"),
    [
        ("district", "중구", "대구광역시 중구 동인동1가"),
        ("district", "대구광역시 달성군", "대구광역시 달성군 논공읍"),
        ("district", "이천동", "대구광역시 남구 이천동"),
        ("road_type", "교차로", "교차로 - 교차로부근"),
        ("road_type", "기타", "기타 - 기타"),
    ],
)
def test_short_form_with_several_meanings_is_refused_with_them(
    vocabulary: Vocabulary, field: str, given: str, some_allowed: str
) -> None:
    problem = _problem(vocabulary, **{field: given})
    meanings = [label for label in vocabulary.allowed[field] if given.removeprefix("대구광역시 ") in label]
    assert problem.reason == "CATEGORY_UNKNOWN"
    assert set(problem.allowed) <= set(meanings)
    assert some_allowed in meanings
    assert len(problem.allowed) == min(len(meanings), 20)
    assert problem.suggestion == problem.allowed[0]


@pytest.mark.parametrize(
    ("field", "given", "suggestion"),
    [
        ("weather", "맑은", "맑음"),
        ("road_surface", "젖은", "젖음/습기"),
        ("road_type", "교차로 - 교차로 안", "교차로 - 교차로안"),
        ("accident_type", "차량 단독", "차량단독"),
        ("district", "대구광역시 수성구 만촌1동", "대구광역시 수성구 만촌동"),
        ("district", "수성구 두산", "대구광역시 수성구 두산동"),
        ("time_period", "출근시간데", "출근시간대"),
        ("day_of_week", "수욜일", "수요일"),
    ],
)
def test_misspelt_label_is_refused_with_the_nearest(
    vocabulary: Vocabulary, field: str, given: str, suggestion: str
) -> None:
    problem = _problem(vocabulary, **{field: given})
    assert (problem.field, problem.reason, problem.suggestion) == (field, "CATEGORY_UNKNOWN", suggestion)
    assert suggestion in problem.allowed
    assert repr(given) in problem.message


def test_few_labels_are_all_listed_in_their_order(vocabulary: Vocabulary) -> None:
    assert _problem(vocabulary, weather="태풍").allowed == vocabulary.allowed["weather"]


def test_many_labels_are_cut_to_the_nearest_twenty(vocabulary: Vocabulary) -> None:
    problem = _problem(vocabulary, district="대구광역시 수성구 범어1동")
    assert problem.allowed[0] == problem.suggestion == "대구광역시 수성구 범어동"
    assert len(set(problem.allowed)) == 20


def test_label_that_is_near_nothing_gets_no_suggestion(vocabulary: Vocabulary) -> None:
    problem = _problem(vocabulary, district="Busan")
    assert problem.suggestion == ""
    assert len(problem.allowed) == 20


@pytest.mark.parametrize("given", ["", " ", "\t\n", "?", "0"])
def test_label_without_meaning_is_refused(vocabulary: Vocabulary, given: str) -> None:
    for field in ("weather", "road_surface", "road_type", "accident_type", "district"):
        assert _problem(vocabulary, **{field: given}).reason == "CATEGORY_UNKNOWN"


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_unicode_form_makes_no_difference(vocabulary: Vocabulary, form: Any) -> None:
    given = Accident._make(
        unicodedata.normalize(form, value) if isinstance(value, str) else value for value in ORDINARY
    )
    assert vocabulary.read(given) == (ORDINARY, ())


def test_stray_spaces_make_no_difference(vocabulary: Vocabulary) -> None:
    spaced = ORDINARY._replace(
        weather=" 맑음", road_type="단일로  -\t기타 ", district="　대구광역시 \n 수성구  상동", day_of_week="수요일 "
    )
    assert vocabulary.read(spaced) == (ORDINARY, ())


def test_full_width_forms_make_no_difference(vocabulary: Vocabulary) -> None:
    given = ORDINARY._replace(
        district="대구광역시 중구 동인동１가", road_surface="젖음／습기", road_type="단일로 － 기타"
    )
    reading = vocabulary.read(given)
    assert reading.accident.district == "대구광역시 중구 동인동1가"
    assert reading.accident.road_surface == "젖음/습기"
    assert reading.accident.road_type == "단일로 - 기타"
    assert reading.warnings == ()


@pytest.mark.parametrize("field", ["weather", "accident_type", "district", "time_period", "day_of_week"])
def test_text_longer_than_any_label_is_refused_unread(vocabulary: Vocabulary, field: str) -> None:
    given = getattr(ORDINARY, field) + " " * MOST_TEXT
    problem = _problem(vocabulary, **{field: given})
    assert (problem.reason, problem.allowed) == ("TEXT_TOO_LONG", (str(MOST_TEXT),))
    assert len(problem.message) < 100


@pytest.mark.parametrize("character", [*map(chr, (0x00, 0x1B, 0x7F, 0xD800, 0xFFFD))])
def test_text_that_the_database_cannot_keep_is_no_short_form(vocabulary: Vocabulary, character: str) -> None:
    for field, given in (("accident_type", "차대차 - 추돌"), ("district", "상동"), ("time_period", "낮")):
        assert _problem(vocabulary, **{field: given + character}).reason == "CATEGORY_UNKNOWN"


@pytest.mark.parametrize("given", [None, 3, 1.5, True])
def test_category_that_is_no_text_is_refused(vocabulary: Vocabulary, given: object) -> None:
    for field in FIELDS:
        if field.kind == "category":
            assert _problem(vocabulary, **{field.name: given}).reason == "TEXT_EXPECTED"


@pytest.mark.parametrize("given", [True, False, 1.0, 1.5, float("nan"), float("inf"), "1", None])
def test_number_that_is_no_whole_number_is_refused(vocabulary: Vocabulary, given: object) -> None:
    vocabulary.read(ORDINARY)  # so that a value which only equals a known one could take the short way
    for name, (low, high) in NUMBER_RANGES.items():
        problem = _problem(vocabulary, **{name: given})
        assert (problem.field, problem.reason, problem.allowed) == (name, "NUMBER_EXPECTED", (str(low), str(high)))


def test_number_that_only_equals_a_known_date_is_refused(vocabulary: Vocabulary) -> None:
    vocabulary.read(ORDINARY)
    assert _problem(vocabulary, accident_year=2020.0).reason == "NUMBER_EXPECTED"
    assert _problem(vocabulary, accident_month=True).reason == "NUMBER_EXPECTED"
    assert _problem(vocabulary, accident_day=True).reason == "NUMBER_EXPECTED"


@pytest.mark.parametrize(
    ("field", "given", "nearest"),
    [
        ("accident_hour", 24, "23"),
        ("accident_hour", -1, "0"),
        ("accident_month", 0, "1"),
        ("accident_month", 13, "12"),
        ("accident_day", 0, "1"),
        ("accident_day", 32, "31"),
        ("accident_year", 2006, "2007"),
        ("accident_year", 2041, "2040"),
        ("accident_year", 10**400, "2040"),
    ],
)
def test_number_out_of_range_is_refused_with_the_range_and_the_nearest(
    vocabulary: Vocabulary, field: str, given: int, nearest: str
) -> None:
    problem = _problem(vocabulary, **{field: given})
    low, high = NUMBER_RANGES[field]
    assert (problem.field, problem.reason) == (field, "NUMBER_OUT_OF_RANGE")
    assert (problem.allowed, problem.suggestion) == ((str(low), str(high)), nearest)


@pytest.mark.parametrize("field", NUMBER_RANGES)
def test_ends_of_every_range_are_allowed(vocabulary: Vocabulary, field: str) -> None:
    for number in NUMBER_RANGES[field]:
        given = _with(field, number)._replace(time_period="", day_of_week="")
        assert getattr(vocabulary.read(given).accident, field) == number


@pytest.mark.parametrize(
    ("year", "month", "day", "last_day"),
    [(2020, 2, 30, "29"), (2021, 2, 29, "28"), (2021, 4, 31, "30"), (2040, 11, 31, "30"), (2021, 6, 31, "30")],
)
def test_date_that_no_calendar_has_is_refused_with_the_last_day(
    vocabulary: Vocabulary, year: int, month: int, day: int, last_day: str
) -> None:
    problem = _problem(vocabulary, accident_year=year, accident_month=month, accident_day=day)
    assert (problem.field, problem.reason) == ("accident_day", "DATE_IMPOSSIBLE")
    assert (problem.allowed, problem.suggestion) == (("1", last_day), last_day)
    assert f"{year}-{month:02}-{day:02}" in problem.message


def test_every_day_of_the_accepted_years_has_its_weekday(vocabulary: Vocabulary) -> None:
    first, last = NUMBER_RANGES["accident_year"]
    day = date(first, 1, 1)
    while day.year <= last:
        given = ORDINARY._replace(
            day_of_week="", accident_year=day.year, accident_month=day.month, accident_day=day.day
        )
        assert vocabulary.read(given).accident.day_of_week == WEEKDAYS[calendar.weekday(day.year, day.month, day.day)]
        day += timedelta(days=17)


@pytest.mark.parametrize("empty", ["", "  "])
def test_what_follows_from_hour_and_date_may_be_left_out(vocabulary: Vocabulary, empty: str) -> None:
    assert vocabulary.read(ORDINARY._replace(time_period=empty, day_of_week=empty)) == (ORDINARY, ())


def test_hour_and_date_decide_against_what_contradicts_them_with_a_warning(vocabulary: Vocabulary) -> None:
    assert vocabulary.read(ORDINARY._replace(day_of_week="월요일", time_period="심야")) == (
        ORDINARY,
        (
            AccidentWarning("PERIOD_CONTRADICTS_HOUR", "time_period", "심야", "일반시간대"),
            AccidentWarning("WEEKDAY_CONTRADICTS_DATE", "day_of_week", "월요일", "수요일"),
        ),
    )


def test_hours_belong_to_the_periods_of_the_police() -> None:
    periods = {period: [hour for hour in range(24) if time_period_of(hour) == period] for period in TIME_PERIODS}
    assert periods == {
        "출근시간대": [7, 8, 9],
        "퇴근시간대": [17, 18, 19],
        "심야": [0, 1, 2, 3, 4, 5, 22, 23],
        "일반시간대": [6, 10, 11, 12, 13, 14, 15, 16, 20, 21],
    }


def test_every_district_is_read_by_its_region(vocabulary: Vocabulary) -> None:
    for label in vocabulary.allowed["district"]:
        joined, region = label.replace(" ", ""), find_region(label)
        assert region is not None
        assert vocabulary.read(_with("district", joined)).accident.district == label
        assert vocabulary.read(_with("district", region.code)).accident.district == label


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("부산광역시 중구", "부산광역시 중구"),
        ("서울 강남구 역삼동", "서울특별시 강남구 역삼동"),
        ("경산시", "경상북도 경산시"),
        ("경기", "경기도"),
        ("1168010100", "서울특별시 강남구 역삼동"),
    ],
)
def test_district_outside_daegu_is_refused_by_its_name(vocabulary: Vocabulary, given: str, found: str) -> None:
    problem = _problem(vocabulary, district=given)
    assert (problem.field, problem.reason, problem.found) == ("district", "DISTRICT_OUTSIDE", found)
    assert (problem.allowed, problem.suggestion) == ((), "")


@pytest.mark.parametrize("given", ["경북 군위군 의흥면", "대구군위군의흥면", "4772034000"])
def test_gunwi_is_daegus_however_it_is_written(vocabulary: Vocabulary, given: str) -> None:
    reading = vocabulary.read(_with("district", given))
    assert reading.accident.district.startswith("대구광역시 군위군 ")
    assert [warning.reason for warning in reading.warnings] == ["READ_AS", "DISTRICT_UNTRAINED"]


@pytest.mark.parametrize("district", UNTRAINED_DISTRICTS)
def test_district_that_the_model_never_saw_is_answered_with_a_warning(vocabulary: Vocabulary, district: str) -> None:
    for _ in range(2):
        reading = vocabulary.read(ORDINARY._replace(district=district))
        assert reading.accident.district == district
        assert reading.warnings == (AccidentWarning("DISTRICT_UNTRAINED", "district", district, district),)


def test_every_problem_is_told_at_once(vocabulary: Vocabulary) -> None:
    problems = _problems(
        vocabulary, weather="태풍", district="중구", accident_hour=24, accident_month=2, accident_day=30
    )
    assert [(problem.field, problem.reason) for problem in problems] == [
        ("weather", "CATEGORY_UNKNOWN"),
        ("district", "CATEGORY_UNKNOWN"),
        ("accident_hour", "NUMBER_OUT_OF_RANGE"),
        ("accident_day", "DATE_IMPOSSIBLE"),
    ]
