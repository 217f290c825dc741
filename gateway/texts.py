"""The Korean sentences of the gateway, but for those of refusals, which are in servicekit/refusals.toml."""

from collections.abc import Iterable, Mapping, Sequence

from servicekit.korean_text.particles import choose_particles
from servicekit.refusals import refusal_of

# Why a CSV file cannot be read, by the fact `problem`; the names in braces are facts as well.
CSV_PROBLEMS: Mapping[str, str] = {
    "EMPTY": "빈 파일입니다. 첫 줄에 열 이름이, 둘째 줄부터 데이터가 있어야 합니다.",
    "NO_ROWS": "열 이름만 있고 데이터가 없습니다. 둘째 줄부터 한 줄에 한 건씩 적어주세요.",
    "ENCODING": "{line}번째 줄의 글자를 {encoding} 인코딩으로 읽을 수 없습니다. 어느 인코딩으로 읽을지 골라주세요.",
    "ENCODING_UNKNOWN": "‘{encoding}’ 인코딩은 지원하지 않습니다.",
    "NUL": "{line}번째 줄에 보이지 않는 NUL 문자가 있습니다. 그 문자를 지워 다시 올리거나 다른 인코딩을 골라주세요.",
    "FIELD_TOO_LONG": "{line}번째 줄의 ‘{column}’ 칸이 너무 깁니다. 그 칸을 줄여 다시 올려주세요.",
    "TOO_WIDE": "열이 너무 많습니다. {limit}개까지 읽을 수 있습니다.",
    "TOO_COMPLEX": "파일이 너무 복잡해 제때 읽을 수 없습니다. 나누어 올려주세요.",
}

# Warnings about a dataset; `lines` are its lines, the first 20 at most, `counted` how many and which.
DATASET_WARNINGS: Mapping[str, str] = {
    "BYTES_REPLACED": "깨져서 읽을 수 없는 글자 {given}곳({lines})을 ‘�’로 표시했습니다.",
    "ENCODINGS_MIXED": "UTF-8과 CP949가 섞여 있어 줄마다 맞는 인코딩으로 읽었습니다.",
    "LINES_ABOVE": "표 위의 {counted}은 제목이나 설명이라 표에 넣지 않았습니다.",
    "HEADER_JOINED": "머리글 {counted}을 이어 열 이름으로 썼습니다.",
    "HEADER_MISSING": "머리글이 없어 표의 첫 줄부터 자료로 읽고 ‘열 1’, ‘열 2’처럼 이름을 붙였습니다.",
    "NAMES_MOVED": "머리글({lines})에 낀 빈 이름 {given}개를 빼고 뒤의 이름을 앞으로 당겼습니다.",
    "UNITS_BELOW_NAMES": "머리글 아래의 단위 줄({lines})은 자료에서 뺐습니다.",
    "LINES_BELOW": "표 아래의 {counted}은 주석이나 출처라 표에 넣지 않았습니다.",
    "NEXT_TABLE": "{lines}부터 다른 표가 있어 그 앞의 표만 읽었습니다.",
    "COMMENTS_LEFT_OUT": "표 가운데의 {counted}은 주석이라 뺐습니다.",
    "NAMES_LEFT_OUT": "표 가운데의 {counted}은 되풀이된 머리글이라 뺐습니다.",
    "TOTALS_LEFT_OUT": "합계나 소계인 {counted}은 두 번 더해지지 않도록 뺐습니다.",
    "CELLS_FILLED": "‘{given}’ 열에서 병합되어 비어 있던 칸을 위의 값으로 채웠습니다.",
    "ROWS_SHORT": "칸이 모자란 {counted}은 끝을 빈칸으로 채웠습니다.",
    "ROWS_LONG": "칸이 많은 {counted}의 남는 칸을 끝에 새 열로 붙였습니다.",
    "ROWS_MOVED": "빈칸이 하나 더 낀 {counted}은 그 빈칸을 빼고 뒤의 칸을 앞으로 당겼습니다.",
    "ROWS_CUT": "끝에 빈칸이 더 있는 {counted}은 남는 빈칸을 잘랐습니다.",
    "LINES_UNQUOTED": "통째로 따옴표에 묶인 줄을 풀어 칸으로 나누었습니다.",
    "QUOTES_UNUSUAL": "칸을 묶는 기호를 {used}(으)로 보고 읽었습니다.",
    "QUOTES_DAMAGED": "따옴표의 짝이 맞지 않는 {counted}은 따옴표를 글자로 보고 읽었습니다.",
    "HEADER_EMPTY": "이름이 없는 열의 이름을 ‘{used}’(으)로 정했습니다.",
    "HEADER_REPEATED": "열 이름 ‘{given}’이(가) 겹쳐 ‘{used}’(으)로 바꾸었습니다.",
    "HEADER_SHORTENED": "열 이름이 너무 길어 ‘{used}’(으)로 줄였습니다.",
    "COLUMN_DROPPED": "{given}번째 열은 이름도 값도 없어 뺐습니다.",
    "ROWS_DROPPED": "값이 하나도 없는 줄 {given}개를 뺐습니다.",
    "MARKS_READ_AS_MISSING": "값이 없다는 표시인 {given}칸({used})을 빈칸으로 읽었습니다.",
    "CELLS_READ_AS_MISSING": "‘{column}’ 열에서 값이 없다는 뜻인 {given}칸({used})을 빈칸으로 읽었습니다.",
    "CELLS_SUPPRESSED": "‘{column}’ 열에서 공개하지 않은 값인 {given}칸({used})을 빈칸으로 읽었습니다.",
    "CELLS_WITH_ERRORS": "‘{column}’ 열에서 계산 오류가 남은 {given}칸({used})을 빈칸으로 읽었습니다.",
    "SIGNS_READ_AS_MINUS": "‘{column}’ 열의 세모나 괄호를 빼기 부호로 보고 {given}칸({used})을 음수로 읽었습니다.",
    "BOUNDS_READ_AS_NUMBERS": "‘{column}’ 열에서 이상·이하가 붙은 {given}칸({used})을 그 수로 읽었습니다.",
    "SIGNS_UNCLEAR": "‘{column}’ 열의 세모({used})가 늘었다는 뜻일 수도 있어 글자로 읽었습니다.",
    "UNITS_MIXED": "‘{column}’ 열에 단위가 다른 값({used})이 섞여 있어 글자로 읽었습니다.",
    "CELLS_NOT_OF_KIND": "‘{column}’ 열에서 {used}(으)로 읽을 수 없는 {given}칸을 빈칸으로 두었습니다.",
    "HOUR_24_READ": "‘{column}’ 열에서 24시로 적힌 {given}칸을 다음 날 0시로 읽었습니다.",
    "YEARS_OF_TWO_DIGITS": "‘{column}’ 열의 두 자리 연도를 69~99는 1900년대, 00~68은 2000년대로 읽었습니다.",
    "ZONE_CONVERTED": "‘{column}’ 열에서 다른 시간대로 적힌 {given}칸을 서울 시각으로 바꾸었습니다.",
    "DATES_MIXED": "‘{column}’ 열은 연도, 분기, 연월, 날짜가 섞여 있어 글자로 읽었습니다.",
    "MONTHS_GUESSED": "‘{column}’ 열의 숫자를 연월로 읽었습니다. 숫자라면 형식을 바꿔주세요.",
    "COLUMNS_ARE_PERIODS": "열 {given}개의 이름이 기간입니다. 기간마다 한 줄이 되도록 바꿔 읽을 수 있습니다.",
    "COLUMNS_MADE_LONG": "이름이 기간인 열 {given}개를 기간마다 한 줄이 되도록 바꿔 읽었습니다.",
    "COLUMN_MIXED": "‘{column}’ 열은 대부분 {used}이지만 ‘{given}’ 같은 값이 섞여 있어 글자로 읽었습니다.",
    "COLUMN_MOSTLY_MISSING": "‘{column}’ 열은 {given}%가 비어 있습니다.",
    "COORDINATES_SWAPPED": "‘{column}’ 열에 동서 방향 좌표가 있어 짝이 되는 열과 서로 바꾸어 읽었습니다.",
    "COORDINATES_OUTSIDE": "{given}개 행의 좌표가 대한민국 밖에 있습니다.",
    "COORDINATES_CONVERTED": "‘{column}’ 열의 좌표를 {used}(으)로 보고 계산한 위도와 경도를 덧붙였습니다. {given}",
    "DEGREES_READ": "‘{column}’ 열의 글자에서 읽은 위도와 경도를 숫자 열로 덧붙였습니다.",
    "COORDINATES_UNREAD": "‘{column}’ 열에서 위치로 읽을 수 없는 {given}칸은 계산한 위도와 경도를 비웠습니다.",
    "SYSTEM_UNUSED": "{used}(으)로 읽었을 때 대한민국 안에 놓이는 좌표가 없어 바꾸지 않았습니다.",
    "REGIONS_AMBIGUOUS": "‘{column}’ 열의 {given}개 행은 같은 이름의 지역이 여러 곳이라 정하지 못했습니다(예: {used}).",
    "REGIONS_UNKNOWN": "‘{column}’ 열에서 {given}개 행은 지역을 찾지 못했습니다(예: {used}).",
    "ENCODING_GUESSED": "인코딩이 분명하지 않아 {used}(으)로 읽었습니다. 글자가 깨졌으면 다른 인코딩을 골라주세요.",
    "TEXT_COMPOSED": "자음과 모음이 나뉜 한글을 합쳐 읽었습니다.",
}
_USED: Mapping[str, str] = {
    "integer": "정수",
    "number": "숫자",
    "date": "날짜",
    "boolean": "참·거짓",
    "time": "시각",
    "'": "작은따옴표(')",
    "' \\": "작은따옴표(')와 역사선(\\)",
    '" \\': '큰따옴표(")와 역사선(\\)',
    "EPSG:5174": "중부원점(베셀, EPSG:5174)",
    "EPSG:2097": "중부원점(옛 베셀, EPSG:2097)",
    "EPSG:5181": "중부원점(GRS80 50만, EPSG:5181)",
    "EPSG:5186": "중부원점(GRS80 60만, EPSG:5186)",
    "EPSG:5187": "동부원점(GRS80 60만, EPSG:5187)",
    "EPSG:5179": "UTM-K(GRS80, EPSG:5179)",
    "EPSG:5178": "UTM-K(베셀, EPSG:5178)",
}
_DECIDED_BY: Mapping[str, str] = {
    "chosen": "직접 고른 좌표계입니다.",
    "named": "파일에 적힌 좌표계입니다.",
    "placed": "다른 좌표계로는 각 행의 지역이나 육지에 놓이지 않습니다.",
    "usual": "흔히 쓰는 좌표계로 짐작한 것이니, 지도에서 어긋나면 다른 좌표계를 골라주세요.",
}

# {0} and {1} are the limits: minimum and maximum, or the maximum length; {found} is what the value says.
FIELD_PROBLEMS: Mapping[str, str] = {
    "CATEGORY_UNKNOWN": "허용되는 값이 아닙니다.",
    "DISTRICT_OUTSIDE": "대구광역시 밖의 지역({found})은 예측하지 못합니다.",
    "NUMBER_EXPECTED": "정수여야 합니다.",
    "NUMBER_OUT_OF_RANGE": "{0}에서 {1} 사이여야 합니다.",
    "NUMBER_TOO_SMALL": "{0} 이상이어야 합니다.",
    "NUMBER_TOO_LARGE": "{0} 이하여야 합니다.",
    "NUMBER_NOT_GREATER": "{0}보다 커야 합니다.",
    "DECIMAL_EXPECTED": "숫자여야 합니다.",
    "SCALAR_EXPECTED": "글자(1,000자까지), 숫자, true, false 가운데 하나 또는 그 목록(1,000개까지)이어야 합니다.",
    "DATE_EXPECTED": "날짜와 시각으로 읽을 수 없습니다.",
    "DATE_IMPOSSIBLE": "달력에 없는 날짜입니다. 이 달은 {0}일부터 {1}일까지입니다.",
    "BOOLEAN_EXPECTED": "true 또는 false여야 합니다.",
    "TEXT_EXPECTED": "글자여야 합니다.",
    "TEXT_TOO_LONG": "{0}자 이하여야 합니다.",
    "FILE_EXPECTED": "파일이어야 합니다.",
    "ID_INVALID": "올바른 ID(UUID)가 아닙니다.",
    "MISSING": "필수 항목입니다.",
    "FIELD_UNKNOWN": "알 수 없는 항목입니다.",
    "LIST_EXPECTED": "목록이어야 합니다.",
    "LIST_TOO_SHORT": "{0}건 이상이어야 합니다.",
    "LIST_TOO_LONG": "{0}건 이하여야 합니다.",
    "COLUMN_UNKNOWN": "데이터셋에 없는 열입니다.",
    "OBJECT_EXPECTED": "여러 항목을 담은 객체여야 합니다.",
    "KEY_IN_TEXT": "API 키를 지워주세요.",
    "LINE_UNKNOWN": "파일에 없는 줄이거나 시작 줄보다 앞입니다.",
    "QUESTION_REFUSED": "{found}",
    "VALUE_INVALID": "올바른 값이 아닙니다.",
}

WARNINGS: Mapping[str, str] = {
    "READ_AS": "입력한 값 ‘{given}’ 대신 ‘{used}’ 값으로 계산했습니다.",
    "WEEKDAY_CONTRADICTS_DATE": "요일이 날짜와 달라 날짜에 맞는 ‘{used}’ 값으로 계산했습니다.",
    "PERIOD_CONTRADICTS_HOUR": "시간대가 사고시와 달라 시각에 맞는 ‘{used}’ 값으로 계산했습니다.",
    "DISTRICT_UNTRAINED": "군위군은 2023년에 대구로 편입되어 학습 데이터에 없습니다. 참고용으로만 보세요.",
}

SEVERITY_DETAILS: Mapping[str, str] = {
    "경미": "실제 대구 사고 가운데 예상 심각도가 낮은 하위 20%에 듭니다.",
    "일반": "실제 대구 사고 가운데 예상 심각도가 중간인 60%에 듭니다.",
    "심각": "실제 대구 사고 가운데 예상 심각도가 높은 상위 5~20%에 듭니다.",
    "매우 심각": "실제 대구 사고 가운데 예상 심각도가 가장 높은 상위 5%에 듭니다.",
}

FIELD_NAMES: Mapping[str, str] = {
    "weather": "기상상태",
    "road_surface": "노면상태",
    "road_type": "도로형태",
    "accident_type": "사고유형",
    "time_period": "시간대",
    "district": "시군구",
    "day_of_week": "요일",
    "accident_hour": "사고시",
    "accident_year": "사고연도",
    "accident_month": "사고월",
    "accident_day": "사고일",
}
INPUT_NAMES: Mapping[str, str] = {"occurred_at": "사고일시", **FIELD_NAMES}
RESULT_HEADERS = ("ECLO", "ECLO 기댓값", "심각도", "범위(하한)", "범위(상한)", "오류")
CSV_HEADERS = ("번호", *FIELD_NAMES.values(), *RESULT_HEADERS)
JOINED_HEADERS = ("예측 ECLO", "예측 ECLO 기댓값", "예측 심각도", "예측 범위(하한)", "예측 범위(상한)", "예측 오류")
"""The results behind the columns of a dataset."""
PREDICTED_DESCRIPTION = "행마다 예측한 ECLO를 더한 데이터셋 (모델 {model})"
CHOSEN_ROWS = "{name}_골라낸행"
BATCH_NAME, PREDICTED_NAME = "ECLO_배치_결과", "{name} · ECLO 예측"


FROM_CACHE = "캐시에서 반환됨"
CHANGED_ELSEWHERE = "대화가 다른 곳에서 수정되었습니다"
KEY_STATES: Mapping[str, str] = {
    "KEY_STATE_VALID": "사용할 수 있는 API 키입니다.",
    "KEY_STATE_INVALID": "API 키가 유효하지 않습니다. 다시 확인해주세요.",
    "KEY_STATE_UNREACHABLE": "Anthropic 서버에 연결할 수 없어 API 키를 확인하지 못했습니다.",
}


def error_text(reason: str, facts: Mapping[str, str]) -> str:
    """Returns the sentence for a refusal. What a tool or a question is told is in Korean already."""
    if reason == "CSV_UNREADABLE" and facts.get("problem") in CSV_PROBLEMS:
        return CSV_PROBLEMS[facts["problem"]].format_map(_Facts(facts))
    if reason in ("TOOL_REFUSED", "QUESTION_REFUSED") and facts.get("advice"):
        return facts["advice"]
    return refusal_of(reason).sentence


# Why a reply of the model is retried; `retry_text` completes the sentence.
RETRIES: Mapping[str, str] = {
    "PROVIDER_RATE_LIMITED": "이 API 키의 사용 한도를 잠시 넘어",
    "PROVIDER_OVERLOADED": "Anthropic 서버가 혼잡해",
    "PROVIDER_FAILED": "Anthropic 서버에 오류가 발생해",
    "PROVIDER_UNREACHABLE": "Anthropic 서버에 연결되지 않아",
    "PROVIDER_TIMED_OUT": "Anthropic 서버의 답이 늦어",
    "ANSWER_CUT": "답변이 도중에 끊겨",
}


def retry_text(reason: str, seconds: int) -> str:
    """Returns the sentence for a reply that is being retried."""
    cause = RETRIES.get(reason, RETRIES["PROVIDER_FAILED"])
    return f"{cause} {seconds}초 뒤 다시 시도합니다." if seconds else f"{cause} 다시 시도합니다."


def left_out_text(questions: int) -> str | None:
    """Returns the note that a conversation was too long to send in full, or None."""
    return f"대화가 길어 앞의 질문 {questions:,}개는 모델에 보내지 않았습니다." if questions else None


def dataset_warning_text(reason: str, *, lines: Sequence[int], column: str, given: str, used: str) -> str:
    """Returns the sentence for a warning about a dataset."""
    sentence = DATASET_WARNINGS.get(reason, reason)
    which = _lines_text(lines, is_part=given.isdecimal() and int(given) > len(lines))
    counted = which if len(lines) == 1 else f"{given}줄({which})"
    used = _USED.get(used, used)
    if reason == "COORDINATES_CONVERTED":
        given = _DECIDED_BY.get(given, given)
    if reason == "COLUMN_DROPPED":
        given = _ranges_text(map(int, given.split(",")))
    return choose_particles(sentence.format(lines=which, counted=counted, column=column, given=given, used=used))


def _lines_text(lines: Sequence[int], *, is_part: bool) -> str:
    return _ranges_text(lines) + ("번째 줄 등" if is_part else "번째 줄")


def _ranges_text(numbers: Iterable[int]) -> str:
    """Returns ascending numbers as people write them: `3, 5~9`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    return ", ".join("~".join(map(str, one)) for one in ranges)


class _Facts(dict[str, str]):
    """Facts, empty where one is missing: an incomplete sentence is better than an exception."""

    def __missing__(self, _name: str) -> str:
        return "?"


def field_text(reason: str, allowed: Sequence[str] = (), found: str = "") -> str:
    """Returns the Korean words for what is wrong with a field."""
    try:
        return FIELD_PROBLEMS[reason].format(*allowed, found=found)
    except LookupError:  # an unknown reason, or limits that are missing
        return FIELD_PROBLEMS["VALUE_INVALID"]


def suggestion_text(suggestion: str | None) -> str:
    """Returns what to add to the words about a field, for a value that is near to an allowed one."""
    return f" 가장 가까운 값: {suggestion}" if suggestion else ""


def warning_text(reason: str, given: str, used: str) -> str:
    """Returns the sentence for a warning of a prediction."""
    return WARNINGS.get(reason, reason).format(given=given, used=used)
