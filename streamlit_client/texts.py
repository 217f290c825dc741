"""The Korean texts of the page, and the terms of the accident records."""

from collections.abc import Mapping

APP_NAME = "대구 공공데이터"
NEEDS_JAVASCRIPT = "이 화면을 보려면 브라우저에서 자바스크립트를 켜야 합니다."

# ---- terms of the accident records
WEEKDAYS = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
RUSH_IN, RUSH_OUT, NIGHT, ORDINARY = "출근시간대", "퇴근시간대", "심야", "일반시간대"
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
OCCURRED_AT = "사고일시"
INPUT_NAMES: Mapping[str, str] = {"occurred_at": OCCURRED_AT, **FIELD_NAMES}
CITY_PREFIX = "대구광역시 "
ECLO, EXPECTED = "ECLO", "ECLO 기댓값"
SEVERITY = "심각도"
# Mildest first, in the order of the model's bands; the shapes do not depend on colour.
BAND_ICONS = ("○", "◔", "◑", "●")

# ---- connection
UNREACHABLE = "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요."
TIMED_OUT = "요청 시간 초과. 다시 시도해주세요"
ASK_ADMINISTRATOR = "관리자에게 문의하세요"
ANSWER_UNREADABLE = "서버의 응답을 이해할 수 없습니다. 서버 주소(BACKEND_URL)가 맞는지 확인해주세요."
RETRY_IN = "{seconds}초 뒤에 자동으로 다시 시도합니다. (실패 {failures}회, {most}회까지 시도)"
TRY_AGAIN = "다시 시도"
MAY_HAVE_ARRIVED = "요청이 이미 접수되었을 수 있습니다. 아래 목록에서 먼저 확인해주세요."
REQUEST_ID = "문의할 때 알려주실 번호: `{request_id}`"
UNFORESEEN = "화면을 그리는 중 문제가 생겼습니다. 새로 고쳐도 계속되면 관리자에게 문의하세요"
INCIDENT = "문의할 때 알려주실 번호: `{incident}`"
DETAIL = "**{name}** — {message}"
SUGGESTION = " 가장 가까운 값: **{suggestion}**"
ALLOWED = " 가능한 값: {allowed}"
TEXT_TOO_LONG = "{name}: {most:,}자까지 쓸 수 있습니다. 지금은 {length:,}자입니다."
TEXT_EMPTY = "{name}: 비워 둘 수 없습니다."
NUMBER_OUTSIDE = "{name}: {limits}의 수를 적어주세요."
LIMITS = {"minimum": "{limit} 이상", "exclusiveMinimum": "{limit} 초과", "maximum": "{limit} 이하"}
TOO_MANY_ITEMS = "{name}: {most:,}개까지 보낼 수 있습니다. 지금은 {count:,}개입니다."
MORE_DETAILS = "그 밖에 {count:,}곳"

# ---- charts
CHART_VALUES = "값을 표로 보기"
CHART_GROUP, CHART_PLACE, CHART_VALUE, CHART_SPAN = "구분", "항목", "값", "{low:.4g} ~ {high:.4g}"
CHART_BOX = ("아래 끝", "아래 사분위", "중앙값", "위 사분위", "위 끝")

# ---- sidebar
BACKEND_STATE = "서버 {state}"
BACKEND_AWAY = "연결 안 됨"
HEALTH_WORDS: Mapping[str, str] = {
    "healthy": "정상",
    "degraded": "일부 이상",
    "unhealthy": "이상",
    "unknown": "알 수 없음",
}
HEALTH_ICONS: Mapping[str, str] = {
    "healthy": ":material/check_circle:",
    "degraded": ":material/warning:",
    "unhealthy": ":material/error:",
    "unknown": ":material/help:",
}
PART_NAMES: Mapping[str, str] = {
    "prediction": "예측",
    "dataset": "데이터셋",
    "chat": "채팅",
    "database": "데이터베이스",
    "redis": "대기열·캐시",
    "worker": "배치 작업자",
    "storage": "저장 공간",
}
LATENCY = " · {milliseconds:.0f} ms"

# ---- page 예측
PREDICT_PAGE = "예측"
PREDICT_TITLE = "교통사고 심각도 예측"
PREDICT_INTRO = "사고 조건을 고르면 대구의 실제 사고 기록을 바탕으로 인명피해 심각도(ECLO)를 예측합니다."
WHEN, WHERE, HOW = "언제", "어디서", "어떤 사고"
DATE, HOUR = "사고 날짜", "사고 시각"
HOUR_VALUE = "{hour}시"
HOUR_FORMAT = "%d시"
DAY_OUTSIDE = "{first}년부터 {last}년까지의 날짜만 예측할 수 있습니다. 날짜를 다시 골라주세요."
DERIVED = "{weekday} · {period}"
DERIVED_HELP = "요일과 시간대는 날짜와 시각에 따라 자동으로 정해집니다."
COUNTY, TOWN = "구·군", "동·읍·면"
PREDICT_BUTTON = "ECLO 예측"
PREDICTING = "예측하는 중입니다"
LOADING = "불러오는 중입니다"
OUTDATED = "조건이 바뀌었습니다. 지금 보이는 것은 바꾸기 전 결과이니 다시 예측해주세요."
OUTDATED_ANSWER = "조건을 바꾸기 전의 결과입니다."
INVITATION = "조건을 고르고 **ECLO 예측**을 누르면 여기에 결과가 나타납니다."
CONDITIONS = "{moment} · {district} · {accident_type} · {road_type} · {weather} · 노면 {road_surface}"
ECLO_LABEL = "예상 ECLO"
PLACE_LABEL, PLACE = "실제 사고 100건 중", "{place}번째"
PLACE_SENTENCE = (
    "대구의 실제 사고 100건을 예측값이 낮은 것부터 줄 세우면 **{place}번째**입니다. "
    "{first} ~ {last}번째가 ‘{word}’입니다."
)
RANGE = "조건이 비슷한 실제 사고는 10건 중 {tenths}건이 ECLO **{low:.3g} ~ {high:.3g}** 사이였습니다."
RANGE_CELL = "{low:.3g} ~ {high:.3g}"
STRIP_ALT = "예상 ECLO {eclo:.2f}, {word}. 예측값이 낮은 것부터 줄 세운 실제 사고 100건 중 {place}번째."
STRIP_BAND = "{word}: 100건 중 {first} ~ {last}번째, ECLO {low:.1f} ~ {high:.1f}"
RANGE_ALT = "예상 ECLO {eclo:.2f}, 범위 {low:.3g} ~ {high:.3g}."
RANGE_HOVER = "{coverage:.0f}% 범위: {low:.3g} ~ {high:.3g}"
EXPECTED_SENTENCE = (
    "이런 사고의 평균(기댓값)은 ECLO **{expected:.2f}**입니다. 여러 사고의 예측을 더하거나 평균할 때는 이 값을 씁니다."
)
WHY = "예측값에 영향을 준 조건"
WHY_HELP = (
    "보통 사고의 값에 조건마다 늘거나 준 만큼을 차례로 더하면 이 사고의 값이 됩니다. "
    "모델은 log(1+ECLO)로 계산하므로 막대는 그 눈금으로 그렸고, 숫자는 ECLO로 바꾸어 표시했습니다."
)
WHY_ALT = "보통 사고 {average:.2f}에서 시작해 {steps}. 이 사고는 ECLO {eclo:.2f}."
TYPICAL_ACCIDENT, THIS_ACCIDENT = "보통 사고", "이 사고"
OTHERS = "그 밖의 조건 {count}개"
CONTRIBUTION = "{name} · {value}"
CONTRIBUTION_HOVER = "log(1+ECLO) {change:+.3f}"
WHAT_IF = "조건을 바꾸면"
WHAT_IF_FIELD, WHAT_IF_VALUE = "바꿀 조건", "새 값"
WHAT_IF_BUTTON = "비교하기"
WHAT_IF_NOTE = "비교한 예측도 이력에 남습니다."
WHAT_IF_SENTENCE = "**{name}**: {before} → {after}"
WHAT_IF_ALT = "지금 조건 {before:.2f}, 바꾼 조건 {after:.2f}."
BEFORE, AFTER = "지금 조건", "바꾼 조건"
ABOUT = "값 읽는 법"
ECLO_HELP = "ECLO = 사망×10 + 중상×5 + 경상×3 + 부상신고×1"
ABOUT_ECLO = (
    "**ECLO**(인명피해 심각도)는 사고 한 건의 피해를 한 숫자로 나타냅니다: "
    "사망×10 + 중상×5 + 경상×3 + 부상신고×1. 다친 사람이 한 명이라도 있으면 1 이상이고, "
    "대구 사고의 평균은 5에 조금 못 미칩니다. 법에서 정한 **교통안전도 평가지수와는 다른 값**입니다."
)
ABOUT_EXPECTED = (
    "**예상 ECLO**는 이런 사고의 대표적인 값입니다. 드물게 일어나는 큰 사고의 영향을 덜 받도록 로그로 평균하므로 "
    "실제 평균보다 10%쯤 낮습니다. 여러 사고를 더하거나 평균하거나 지역끼리 비교할 때는 큰 사고까지 반영한 "
    "**ECLO 기댓값**을 쓰세요."
)
ABOUT_BANDS = "심각도는 대구의 실제 사고 100건을 예측값이 낮은 것부터 줄 세웠을 때의 자리입니다: {bands}."
ABOUT_BAND = "{word} {first} ~ {last}번째"
ABOUT_LIMITS = (
    "**사고 한 건의 결과는 이 조건들만으로 잘 맞힐 수 없습니다.** "
    "사고 {rows:,}건({first} ~ {last})으로 학습한 이 모델은 학습하지 않은 해의 사고에서, "
    "모두 같은 값으로 예측할 때보다 오차가 {better:.1f}% 작을 뿐입니다. 값 하나보다 범위와 구간을 보세요."
)
ABOUT_MODEL_VERSION = "모델 {version}"

HISTORY = "예측 이력"
HISTORY_EMPTY = "아직 예측한 사고가 없습니다."
HISTORY_HELP = "행을 고르면 그 조건으로 다시 예측할 수 있습니다."
HISTORY_AGAIN = "고른 조건으로 다시 예측"
NEWER, OLDER = "최근", "이전"
PAGE_NUMBER = "{number}쪽"
PREDICTED_AT, ACCIDENT_AT = "예측 시각", "사고 일시"
RANGE_COLUMN = "80% 범위"

# ---- refused requests from outside the page
HOST_UNKNOWN = "이 주소로는 열 수 없습니다. 관리자에게 PAGE_ALLOWED_HOSTS에 이 호스트 이름을 추가해 달라고 하세요."
ORIGIN_UNKNOWN = "다른 사이트에서 보낸 요청은 받지 않습니다."
NOT_HERE = "요청한 주소를 찾을 수 없습니다."
HEADERS_TOO_LARGE = "요청의 헤더가 너무 큽니다. 브라우저에서 이 사이트의 쿠키를 지우고 다시 시도해주세요."
REQUEST_MALFORMED = "요청의 형식이 올바르지 않습니다."
TOO_MANY_CONNECTIONS = "지금 접속한 사람이 너무 많습니다. 잠시 후 다시 시도해주세요."

# ---- choice of a file
TOO_LARGE = "파일 크기는 50MB를 초과할 수 없습니다"
CSV_ONLY = "CSV 형식만 지원됩니다."
FILE_CHOICE: Mapping[str, str] = {
    "choose": "파일 고르기",
    "hint": "끌어다 놓아도 됩니다. UTF-8과 CP949(한글 엑셀)를 읽고, 쉼표·세미콜론·탭을 자동으로 구분합니다. 50MB까지.",
    "remove": "선택 취소",
    "stop": "그만두기",
    "again": TRY_AGAIN,
    "sending": "파일을 보내는 중입니다",
    "reading": "보낸 파일을 읽는 중입니다",
    "broken": "파일을 보내는 중 연결이 끊겼습니다. ‘다시 시도’를 누르면 다시 보냅니다. 두 번 저장되지는 않습니다.",
    "wrong_kind": CSV_ONLY,
    "too_large": TOO_LARGE,
}

# ---- page 배치
BATCH_PAGE = "배치"
BATCH_TITLE = "여러 사고를 한꺼번에 예측"
BATCH_INTRO = "사고 목록 CSV를 올리면 한 번에 500,000건까지 예측합니다. 경찰청·TAAS 형식의 파일은 그대로 읽습니다."
UPLOAD = "사고 목록 CSV"
TEMPLATE = "양식 내려받기"
TEMPLATE_FILE = "ECLO_배치_양식.csv"
OTHER_FILE = "다른 파일 고르기"
FILE_READ = "**{name}** · {rows:,}건 · 열 {columns}개"
FILE_EXPIRES = "올린 파일은 하루가 지나면 지워집니다."
KEEP_FILE = "파일을 데이터셋에 보관"
READING = "어떻게 읽었는지 보고 고치기"
PREVIEW = "이렇게 읽었습니다 (처음 {rows}행)"
COLUMNS = "열 연결"
COLUMN_SAMPLE = "{name} · 예: {sample}"
COLUMNS_MISSING = "다음 조건의 열을 찾지 못했습니다. 골라주세요: **{names}**"
NO_COLUMN = "(없음)"
DERIVED_COLUMN = "(날짜·시각에서 계산)"
SUBMIT = "{count:,}건 예측 시작"
NEW_BATCH = "새 파일 예측하기"
BATCH_HEADING = "{created} 배치 · {total:,}건"
BATCH_WORDS: Mapping[str, str] = {
    "pending": "대기 중",
    "processing": "예측 중",
    "completed": "완료",
    "cancelled": "취소됨",
    "failed": "실패",
}
BATCH_ICONS: Mapping[str, str] = {
    "pending": ":material/hourglass_empty:",
    "processing": ":material/progress_activity:",
    "completed": ":material/check_circle:",
    "cancelled": ":material/cancel:",
    "failed": ":material/error:",
}
PROGRESS = "{status} · {done:,} / {total:,}건"
PROGRESS_FAILED = " · 오류 {failed:,}건"
PROGRESS_ETA = " · {moment} 완료 예정 ({left} 남음)"
SECONDS_LEFT, MINUTES_LEFT = "약 {seconds}초", "약 {minutes}분"
CANCEL = "취소"
ENDED: Mapping[str, str] = {
    "completed": "{done:,}건을 모두 처리했습니다.",
    "cancelled": "취소했습니다. 그때까지 처리한 {done:,}건의 결과는 남아 있습니다.",
    "failed": "배치를 끝까지 처리하지 못했습니다. 처리한 {done:,}건의 결과는 볼 수 있습니다.",
}
PREDICTED_COUNT, MEAN_EXPECTED, SEVERE_SHARE, ERROR_COUNT = "예측한 사고", "평균 ECLO 기댓값", "심각 이상", "오류"
COUNT = "{count:,}건"
PERCENT = "{share:.1f}%"
RESULT_TABS = ("결과 표", "분포", "오류")
NO_ERRORS = "오류 없이 모두 예측했습니다."
NO_RESULTS = "아직 결과가 없습니다."
RESULTS_CUT = "처음 {shown:,}행의 결과입니다. 전체는 CSV로 내려받거나 데이터셋으로 보관해 볼 수 있습니다."
DISTRIBUTION_WORDS, DISTRIBUTION_ECLO = "심각도별 사고 수", "예상 ECLO 분포"
BAR_LABEL = "{count:,}건 ({share:.1f}%)"
HISTOGRAM_HOVER = "ECLO {low:.2f} ~ {high:.2f}: {count:,}건"
DOWNLOAD = "결과 CSV 내려받기"
DOWNLOAD_HELP = "한글 엑셀에서 바로 열립니다."
RESULT_FILE = "ECLO_배치_결과.csv"
KEEP = "데이터셋으로 보관"
KEEPING = "데이터셋을 만드는 중입니다"
KEPT = "결과를 **{name}** 데이터셋으로 보관했습니다."
OPEN_KEPT = "보관한 데이터셋 열기"
RESULT_NUMBER, RANGE_LOW, RANGE_HIGH, ERROR_COLUMN = "번호", "범위(하한)", "범위(상한)", "오류"
RESULT_NUMBERS = (ECLO, EXPECTED, RANGE_LOW, RANGE_HIGH)
RESULT_COLUMNS = (ECLO, EXPECTED, SEVERITY, RANGE_LOW, RANGE_HIGH, ERROR_COLUMN)
EARLIER = "지난 배치"
EARLIER_EMPTY = "아직 배치가 없습니다."
EARLIER_LINE = "{created} · {total:,}건"
OPEN = "열기"
TEMPLATE_ROWS: tuple[tuple[str, ...], ...] = (
    (OCCURRED_AT, "기상상태", "노면상태", "도로형태", "사고유형", "시군구"),
    ("2024-05-15 14", "맑음", "건조", "교차로 - 교차로안", "차대차", "대구광역시 수성구 상동"),
    ("2024-12-03 23", "눈", "서리/결빙", "단일로 - 기타", "차량단독", "대구광역시 달성군 다사읍"),
)
