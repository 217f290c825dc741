"""The Korean sentences of the gateway, but for those of refusals, which are in servicekit/refusals.toml."""

from collections.abc import Mapping, Sequence

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
    "OFFSET_TOO_FAR": "0에서 1,000 사이여야 합니다. 그 뒤는 앞 쪽의 next 값을 after에 적어 이어 읽어주세요.",
    "OFFSET_WITH_AFTER": "after와 함께 쓸 수 없습니다. 하나만 적어주세요.",
    "CURSOR_INVALID": "앞 쪽의 next 값이 아닙니다. 그 값을 그대로 적거나 처음부터 다시 조회해주세요.",
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
TABLES_LEFT_OUT = "답이 커서 표 {count}개는 여기에 담지 못했습니다. 대화를 조회하면 모두 볼 수 있습니다."
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
