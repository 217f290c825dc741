"""Korean texts of the pages 채팅 and 분석 도구, and of the key in the sidebar."""

from collections.abc import Mapping

PAGE = "채팅"
TITLE = "데이터에 대해 질문하기"
INTRO = "질문을 적으면 Claude가 분석 도구로 데이터를 직접 계산해 답합니다."
INPUT = "데이터에 대해 물어보세요"
STARTERS = "이렇게 물어보세요"
FOLLOW_UPS = "이어서 물어보기"

# ---- key and model
KEY_HEADING = "Anthropic API 키"
KEY_FROM_ENVIRONMENT = "환경 설정의 키를 씁니다 (…{tail})"
KEY_TYPED = "입력한 키를 씁니다 (…{tail})"
KEY_NONE = "키가 없습니다"
KEY_STAYS = "키는 이 탭에만 있습니다. 새로 고치거나 탭을 닫으면 다시 넣어야 합니다."
KEY_GONE = "키를 다시 넣어주세요. 키는 저장하지 않아서 새로 고치거나 탭을 닫으면 사라집니다."
KEY_INPUT = "키 입력"
KEY_HELP = "키는 Anthropic에 질문을 보낼 때만 쓰고, 서버에 저장하거나 기록하지 않습니다."
KEY_OTHER = "다른 키 쓰기"
KEY_BACK = "환경 설정의 키로 돌아가기"
KEY_FORGET = "입력한 키 지우기"
KEY_CHECKING = "키를 확인하는 중입니다"
KEY_NEEDED = "채팅하려면 왼쪽 메뉴에 Anthropic API 키를 입력해주세요."
TOOLS_WITHOUT_KEY = " 키가 없어도 **분석 도구** 화면은 쓸 수 있습니다."
MODEL = "모델"
MODEL_PRICE = "{name} · 100만 토큰에 입력 ${input:g}, 출력 ${output:g}"
PRICES_OF = "가격 기준일 {date}"
SESSION_COST = "이번 접속: 토큰 {tokens:,}개 · 약 ${cost:.4f}"

# ---- conversations
CONVERSATIONS = "대화"
NEW_CONVERSATION = "새 대화"
CONVERSATIONS_EMPTY = "아직 대화가 없습니다."
CONVERSATION_LINE = "{title} · {updated}"
CONVERSATION_BEING_ANSWERED = "{title} · 답하는 중"
OTHER_CONVERSATIONS = "모든 데이터셋의 대화"
OTHER_LINE = "{line} · {dataset}"
EARLIER, EARLIER_PAGES = "이전 대화 더 보기", "처음까지 쪽으로 나누어 보기"
READ_ONLY = "‘{dataset}’ 데이터셋의 대화입니다. 데이터셋이 지워졌어도 대화는 남아 있습니다."
BACK_TO_CHAT = "채팅으로 돌아가기"
RENAME, RENAME_TITLE, DELETE, DELETE_SURE = "제목 바꾸기", "제목", "대화 삭제", "네, 삭제합니다"
EXPORT_MARKDOWN, EXPORT_NOTEBOOK = "Markdown으로 저장", "Jupyter 노트북으로 저장"
EXPORT_DATA, EXPORT_DATA_HELP = "노트북에 쓸 데이터 저장", "노트북과 같은 폴더에 두면 같은 표로 다시 계산합니다."
MANAGE = "이 대화 관리"

# ---- answers
THINKING = "생각하는 중입니다"
RUNNING_TOOL = "{label} 실행 중"
TOOL_DONE = "{label} · {milliseconds:.0f} ms"
TOOL_FAILED = "{label} · 실패"
STOPPED = "중단됨"
STOP = "중단"
STILL_ANSWERING = "답하는 중입니다."
LISTENING_LOST = "답변 과정을 잠시 표시할 수 없습니다. 답변은 계속 작성하고 있으며 곧 다시 확인합니다."
ANSWERING = "답하는 중입니다 ({seconds:.0f}초)"
FROM_CACHE = "캐시에서 반환됨"
RETRY = "다시 시도"
GO_ON = "이어서"
GO_ON_QUESTION = "끊긴 곳부터 이어서 답해줘"
ASK_AGAIN = "다시 묻기"
KEPT = "{failure} 그때까지 받은 답은 남아 있습니다."
LEFT_OUT = "대화가 길어 앞의 질문 {count:,}개는 모델에 보내지 않았습니다."
RECEIPT_TOOLS = "도구 {count}개"
RECEIPT_ROWS = "{rows:,}행 사용"
RECEIPT_NUMBERS = "수치 {numbers:,}개 중 {confirmed:,}개를 도구 결과에서 확인"
UNCONFIRMED = "도구 결과에서 찾지 못한 수치입니다. 쓰기 전에 확인해주세요: {numbers}"
RECEIPT_TIME = "{seconds:.1f}초"
RECEIPT_TOKENS = "토큰 {total:,}개"
RECEIPT_CACHED_TOKENS = "토큰 {total:,}개 (그중 캐시 {cached:,}개)"
RECEIPT_COST = "약 ${cost:.4f}"
CODE = "코드 보기"
OPEN_QUESTION = "시각화에서 열기"
CALLED = "도구 {name}의 입력값"
SEARCH_UNUSED = "검색어는 분석 도구에 적용되지 않습니다. 조건만 적용됩니다."
TEXT_LACKS = "글의 표에는"  # how the service begins what a text says of its table
TABLE_CUT = "전체 {total:,}행 중 처음 {shown:,}행입니다."
RESTS_ON = "{used:,}행으로 계산했습니다."
RESTS_ON_MISSING = "{used:,}행으로 계산했습니다. 값이 없는 {missing:,}행은 제외했습니다."

# ---- starter questions, made from the columns
ASK_BUSIEST_ACCIDENT = "사고가 가장 많은 시간대는?"
ASK_BUSIEST = "가장 많은 시간대와 요일은?"
ASK_COUNTS = "{column}별 건수를 비교해줘"
ASK_MEAN = "{column}의 평균과 분포를 알려줘"
ASK_GROUP = "{label}별 평균 {number}을(를) 비교해줘"
ASK_MISSING = "비어 있는 값이 많은 열은?"
ASK_PLACES = "데이터가 있는 지역의 범위는?"
ASK_PREDICTION = "비 오는 금요일 저녁 교차로 안 차대차 사고의 예상 심각도는?"
ASK_OVERVIEW = "이 데이터를 요약해줘"
FOLLOW_UP_BY_TOOL: Mapping[str, tuple[str, ...]] = {
    "get_temporal_pattern": ("요일별로는 어때?", "연도별로 늘고 있어?"),
    "get_value_counts": ("비율로도 보여줘", "이것을 시간대별로 나누면?"),
    "group_by_aggregate": ("중앙값으로도 비교해줘", "차이가 큰 이유는?"),
    "get_missing_values": ("빈칸이 몰린 곳이 있어?",),
    "get_correlation": ("가장 관계가 큰 두 열을 자세히 설명해줘",),
    "get_outliers": ("이 행들의 공통점은?",),
    "predict_eclo": ("눈이 왔다면?", "밤이었다면?"),
}
FOLLOW_UP_ALWAYS = "한 문단으로 정리해줘"
FOLLOW_UP_OF = "{follow_up} (앞선 질문: {question})"

# ---- page 분석 도구
TOOLS_PAGE = "분석 도구"
TOOLS_TITLE = "분석 도구"
TOOLS_INTRO = "채팅에서 쓰는 분석 도구를 직접 실행합니다. API 키는 필요하지 않습니다."
TOOL = "도구"
RUN = "실행"
RUNNING = "계산하는 중입니다"
NO_ARGUMENTS = "입력할 값이 없는 도구입니다."
NO_COLUMN = "(고르지 않음)"
NEEDS: Mapping[str, str] = {
    "number": "숫자 열이 {count}개 이상 있어야 하는 도구입니다. 이 데이터셋에는 부족해서 결과가 나오지 않습니다.",
    "date": "날짜 열이 있어야 하는 도구입니다. 이 데이터셋에는 없어서 결과가 나오지 않을 수 있습니다.",
    "coordinates": "위도와 경도 열이 있어야 하는 도구입니다. 이 데이터셋에는 없어서 결과가 나오지 않습니다.",
}


# ---- terms of files and tools that the page recognises
QUARTILES = ("최소", "25%", "중앙값", "75%", "최대")
ACCIDENT = "사고"
