"""Korean texts of the page 시각화."""

from collections.abc import Mapping

from servicekit import question

PAGE = "시각화"
TITLE = "데이터 살펴보기"
INTRO = "데이터셋을 고르면 차트와 지도가 바로 그려집니다. 차트는 끌어서 확대하고, 지도는 점을 눌러 자세히 봅니다."
TABS = ("한눈에", "추이", "차트", "표", "두 데이터 함께 보기")
_, _, CHARTS, TABLE, _ = TABS

# ---- overview
BY_TYPE = "{name}별 건수"
BY_HOUR, BY_WEEKDAY, BY_MONTH = "시간대별", "요일별", "월별 (모든 해를 합침)"
HEATMAP = "요일과 시간"
COUNT, ROWS = "건수", "건"
HOUR, WEEKDAY, MONTH = "시각", "요일", "월"
YEAR_VALUE, MONTH_VALUE, DAY_VALUE, HOUR_VALUE = "{year}년", "{month}월", "{day}일", "{hour}시"
QUARTER_OF_YEAR_VALUE = "{quarter}분기"
QUARTER_VALUE, MONTH_OF_YEAR_VALUE = "{year}년 {quarter}분기", "{year}년 {month}월"
BY_PERIOD = "{period}별 {value}"
HOURS_OF = "시각은 ‘{name}’ 열에서 가져왔습니다."
TREND_OF, ROW_COUNT = "나타낼 값", "행 수"
WEEKDAY_VALUE = "{day}요일"
WEEKDAYS = ("월", "화", "수", "목", "금", "토", "일")
PEAK = "가장 많은 때: **{hour}시** ({count:,}건, {share:.1f}%) · **{weekday}요일**"
RESTS_ON = "{used:,}행으로 그렸습니다."
RESTS_ON_MISSING = "{used:,}행으로 그렸습니다. 값이 없는 {missing:,}행은 제외했습니다."
DATE_COLUMN = "날짜 열"
NO_DATES = "날짜 열이 없어 시간별 차트를 그리지 않았습니다."
MISSING_WARNING = "30% 이상 비어 있는 열: {names}"
MISSING_ITEM = "{name} ({share:.0f}%)"
TYPE_COLUMN = "나누어 볼 열"
OTHERS = "그 밖의 {count:,}종"
TOP_COUNT = 20

# ---- columns
COLUMN, KIND = "열", "차트 종류"
HISTOGRAM, BOX, KDE, SCATTER, BARS = "히스토그램", "상자 그림", "밀도 곡선", "산점도", "막대"
FORMS: Mapping[str, str] = {
    "bar": BARS, "line": "선", "heatmap": "열지도", "histogram": HISTOGRAM, "box": BOX,
    "density": KDE, "scatter": SCATTER,
}  # fmt: skip
GROUPS = ("묶을 열", "둘째로 묶을 열")
LABELS_CUT = "‘{name}’의 값 {total:,}개 가운데 {shown:,}개만 그렸습니다."
CELLS_CUT = "조합 {total:,}개 가운데 {shown:,}개만 가져왔습니다."
BOX_ENDS = "상자는 25·50·75%, 수염은 5%와 95% 위치의 값입니다."
X_COLUMN, Y_COLUMN, COLOUR_COLUMN = "가로 열", "세로 열", "색으로 나눌 열"
NO_COLOUR = "(나누지 않음)"
DENSITY = "밀도"
NOT_ENOUGH = "그릴 만큼 값이 없습니다."
SAMPLED = "값이 많아 {total:,}행 가운데 {shown:,}행만 고르게 골라 그렸습니다."
DESCRIBE_HEADING = "숫자 열 요약"
DESCRIBE: Mapping[str, str] = {
    "count": "개수",
    "mean": "평균",
    "std": "표준편차",
    "min": "최소",
    "25%": "25%",
    "50%": "중앙값",
    "75%": "75%",
    "max": "최대",
}
COLUMN_INFO = "열 정보"

# ---- measures, and marks that can be chosen
MEASURES: Mapping[str, str] = {
    "count": ROW_COUNT, "share": "행의 비율 (%)", "sum": "합계", "mean": "평균", "median": "중앙값",
    "percentile": "백분위수", "min": "최솟값", "max": "최댓값", "std": "표준편차",
    "unique": "서로 다른 값의 수", "rate": "두 값의 비율",
}  # fmt: skip
PER, TIMES, PERCENTILE = "나눌 값", "곱할 수", "백분위 (%)"
PICK, PICK_PLACEHOLDER = "이 값만 보기", "고르면 조건에 더합니다"

# ---- trend
PERIOD = "기간 단위"
PERIODS: Mapping[str, str] = {
    "연월": "월", "연분기": "분기", "연도": "연", "월": "1~12월", "요일": "요일", "시": "시간대"
}  # fmt: skip
MOVING, MOVING_NONE, MOVING_MEAN = "이동 평균", "없음", "{length}개 {period} 이동 평균"
YEAR_BEFORE = "1년 전 같은 {period}"
LATEST, CHANGE_BEFORE, CHANGE_YEAR = "최근: {period}", "바로 앞 ({period})", "1년 전 ({period})"
CHANGE, CHANGE_ONLY = "{change} ({share:+.1f}%)", "{change}"
ALL_YEARS = "여러 해의 같은 {period}을(를) 합친 값입니다."
PERIOD_UNFINISHED = "자료가 {day}에 끝나 마지막 {period}의 값은 전체가 아닐 수 있습니다."
NO_TREND = "날짜 열이 없어 추이를 그릴 수 없습니다."

# ---- map
NO_MAP = "위치나 지역을 알 수 있는 열이 없어 지도를 그릴 수 없습니다."
POINTS_SHOWN = "{shown:,}개 지점을 그렸습니다."
POINTS_LEFT_OUT = "좌표가 없거나 대한민국 밖인 {count:,}행은 제외했습니다."
SWAPPED = "위도와 경도가 서로 바뀌어 있어 바로잡아 그렸습니다."
POINTS_SAMPLED = "지점이 많아 {shown:,}개만 골라 그렸습니다. 전체는 {total:,}개입니다."
MAP_KIND = "지도에 나타낼 것"
REGION_LEVELS = {"sido": "시도", "sigungu": "시군구", "eupmyeondong": "읍면동"}
MAP_KINDS: Mapping[str, str] = {"points": "지점"} | REGION_LEVELS
NO_POINTS = "조건에 맞는 행 가운데 지도에 나타낼 위치나 지역이 있는 것이 없습니다."
REGIONS_SHOWN = "‘{column}’의 {level}별 ‘{value}’을(를) 색으로 나타냈습니다."
REGIONS_CUT = "지역 {total:,}곳 가운데 값이 큰 {shown:,}곳만 그렸습니다."
REGIONS_UNKNOWN = "{level} 단위 지역을 알 수 없는 {count:,}행은 제외했습니다."
REGIONS_UNPLACED = "경계가 없는 새 지역 {count:,}곳은 표에만 있습니다."
REGIONS_EXAMPLES, REGION_ITEM = "제외한 값의 예: {texts}", "{text} ({count:,}행)"
PICK_REGION = "지역 고르기"
STEP = "{range} ({count:,}곳)"
LOWEST_STEP, HIGHEST_STEP = "{step} · 낮음", "{step} · 높음"
POPUP_MORE = "…"
MAP_OF = "지도: {name}"
OUTLINES_SOURCE = "경계: 국토지리정보원 (2023-09-15)"
MAP_POINTS = "지도에 그릴 지점 수"
HEAT_LAYER, POINT_LAYER = "밀도", "지점"

# ---- two datasets
SECOND = "함께 볼 데이터셋"
SECOND_NONE = "(고르지 않음)"
SECOND_INTRO = "두 번째 데이터셋을 고르면 한 지도에 겹쳐 보고, 가까운 지점을 세고, 분포를 비교할 수 있습니다."
OVERLAY = "겹쳐 보기"
NEAR_HEADING = "가까운 지점"
RADIUS = "반경 (m)"
NEAR_SENTENCE = (
    "‘{first}’ {total:,}곳 중 **{near:,}곳**({share:.1f}%)이 ‘{second}’에서 {radius:,}m 안에 있습니다. "
    "가장 가까운 곳까지의 거리는 중앙값 **{median:,.0f}m**입니다."
)
NEAR_COLUMN_COUNT = "반경 안 건수"
NEAR_TABLE = "반경 안에 ‘{first}’이(가) 가장 많은 ‘{second}’"
NEAR_NEEDS = "두 데이터셋 모두 좌표 열이 있어야 가까운 지점을 셀 수 있습니다."
DISTANCE = "가장 가까운 곳까지 거리 (m)"
COMPARE_HEADING = "분포 비교"
COMPARE_FIRST, COMPARE_SECOND = "첫째 열", "둘째 열"
COMPARE_NUMBERS = (
    "평균은 **{first_mean:,.2f}**와 **{second_mean:,.2f}**로 {direction}. 두 분포가 겹치는 정도는 {overlap:.0f}%입니다."
)
FIRST_HIGHER, SECOND_HIGHER, BOTH_ALIKE = "첫째가 더 큽니다", "둘째가 더 큽니다", "거의 같습니다"
COMPARE_LABELS = "비율 차이가 가장 큰 값은 ‘{label}’입니다: {first:.1f}% 대 {second:.1f}%."
SHARE = "비율 (%)"


# ---- terms of files and tools that the page recognises
TYPE_COLUMNS = (
    "사고유형",
    "사고유형_대분류",
    "사고유형대분류",
    "사고종류",
    "시설종류",
    "주차장구분",
    "도로종류",
    "유형",
    "구분",
)
POPUP_FIRST = (
    "사고일시",
    "발생일시",
    "사고유형",
    "사고유형_대분류",
    "ECLO",
    "예측 ECLO",
    "예측 ECLO 기댓값",
    "예측 심각도",
    "시군구",
    "기상상태",
    "노면상태",
    "도로형태",
)
REPEATS_OF_DATE = ("사고연도", "사고월", "사고일", "사고시", "요일")

# ---- the question of the page
PARTS = tuple(question.PARTS.values())
YEARS, QUARTERS, MONTHS, YEAR_MONTHS, YEAR_QUARTERS, DAYS, PART_WEEKDAYS, HOURS = PARTS[:8]
PARTS_OF_DATES: Mapping[str, tuple[str, ...]] = {
    "year": (),
    "quarter": ("연도", "분기"),
    "month": ("연도", "분기", "월"),
    "day": ("연도", "분기", "월", "요일"),
    "moment": ("연도", "분기", "월", "요일", "시"),
}
STEPS = "{column} ({width} 단위)"
CONDITIONS: Mapping[str, str] = {
    "==": "{column} = {value}",
    "!=": "{column} ≠ {value}",
    ">": "{column} > {value}",
    "<": "{column} < {value}",
    ">=": "{column} ≥ {value}",
    "<=": "{column} ≤ {value}",
    "between": "{column} {value}",
    "contains": "{column}에 ‘{value}’ 포함",
    "starts_with": "{column}의 처음이 ‘{value}’",
    "missing": "{column} 값 없음",
    "present": "{column} 값 있음",
}
AND, OR, MORE_VALUES = " 그리고 ", " 또는 ", "{values} 외 {count}개"
TRUTH = {True: "참", False: "거짓"}
DEFINED, DISTANCE_TO = "{name}: {content}", "{place}까지 거리 (km)"
QUESTION_UNREADABLE = "이 주소의 조건을 읽을 수 없습니다. 조건을 지우고 다시 골라주세요."
QUESTION_TOO_LONG = "조건이 너무 길어 더하지 않았습니다. 고른 값을 줄이거나 다른 조건을 지우고 다시 더해주세요."
SEARCH, SEARCH_PLACEHOLDER = "검색", "모든 열에서 낱말 찾기"
ADD_CONDITION, REMOVE_CONDITION, CLEAR_CONDITIONS = "조건 더하기", "누르면 이 조건을 지웁니다.", "모두 지우기"
CONDITION_ADDED = "더하기"
ROWS_MATCHED = "{rows:,}행 중 **{matched:,}행** ({share})"
SHARE_OF_ROWS, SMALLEST_SHARE = "{share:.1f}%", "0.1% 미만"
ROWS_MATCHED_NEWS = "{rows:,}행 중 {matched:,}행"
NO_ROWS_MATCHED = "조건에 맞는 행이 없습니다. 조건을 지우거나 바꿔주세요."
CONDITION_COLUMN, CONDITION_COLUMN_PLACEHOLDER, CONDITION_WAY = "열", "열을 골라주세요", "고르는 방법"
BY_VALUE, BY_DATES, BY_NUMBERS, BY_WORDS, BY_MISSING = "값", "기간", "범위", "포함하는 말", "빈 값"
VALUES, VALUE_WITH_ROWS, VALUES_EXCLUDED = "값 고르기", "{value} ({rows:,}행)", "고른 값을 제외합니다"
VALUES_PLACEHOLDER, VALUES_OTHER = (
    "입력해서 찾을 수 있습니다",
    "그 밖의 값이 {rows:,}행에 있습니다. 값을 입력해 더할 수 있습니다.",
)
LOWEST, HIGHEST = "이상", "이하"
FIRST_DATE, LAST_DATE = "처음", "마지막"
WORDS, ONLY_MISSING = "포함하는 말", {"missing": "비어 있는 행만", "present": "값이 있는 행만"}

# ---- the table
COLUMNS_SHOWN, COLUMNS_SHOWN_ALL = "보일 열", "모든 열"
TABLE_OF = "표: {name}"
DOWNLOAD_CSV, DOWNLOAD_ARROW = "CSV (엑셀)", "Arrow"
DOWNLOAD_NOTE = "조건에 맞는 {matched:,}행과 고른 열을 내려받습니다. 표의 열 제목을 누르면 정렬됩니다."
COLUMNS_CUT = "열이 {columns:,}개라서 처음 {shown}개만 보입니다. 보일 열을 고르면 다른 열도 볼 수 있습니다."
