"""Korean translations of Streamlit, its tables, calendars, charts and maps; applied by `browser_script`."""

from collections.abc import Mapping

from streamlit_client import texts

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

EXACT: Mapping[str, str] = {
    # the frame of the page
    "Logo": texts.APP_NAME,
    "Navigate to home page": "첫 화면으로",
    "Sidebar": "옆 메뉴",
    "App pages": "화면 목록",
    "Collapse sidebar": "메뉴 접기",
    "Expand sidebar": "메뉴 펼치기",
    "Skip to main content": "본문으로 건너뛰기",
    "Main menu": "메뉴",
    "Scroll tabs left": "왼쪽 탭 보기",
    "Scroll tabs right": "오른쪽 탭 보기",
    "Link to heading": "이 제목의 주소",
    "(opens in new tab)": "(새 탭에서 열림)",
    "Help": "도움말",
    "Close": "닫기",
    "Open": "펼치기",
    "Copy": "복사",
    "Copied": "복사함",
    "Copy to clipboard": "복사",
    "Fullscreen": "전체 화면",
    "Close fullscreen": "전체 화면 닫기",
    "progress": "진행",
    "Loading": "불러오는 중",
    "Loading...": "불러오는 중",
    "Running...": "처리하는 중",
    "Stopping...": "멈추는 중",
    "Stop": "멈추기",
    "CONNECTING": "연결하는 중",
    "Connecting": "연결하는 중",
    "Please wait...": "잠시 기다려주세요",
    # dialogs about the connection and the address
    "Page not found": "없는 화면입니다",
    "The page that you have requested does not seem to exist. Running the app's main page.": (
        "찾으시는 화면이 없어 첫 화면을 보여 드립니다. 왼쪽 메뉴에서 화면을 골라주세요."
    ),
    "Connection error": "연결이 끊겼습니다",
    "Connection timed out.": "서버가 제때 답하지 않았습니다. 잠시 후 다시 시도해주세요.",
    "Connection lost. Please wait for the app to reconnect, then try again.": (
        "연결이 끊겼습니다. 다시 연결되면 한 번 더 시도해주세요."
    ),
    "Streamlit server is not responding. Are you connected to the internet?": (
        "서버가 응답하지 않습니다. 인터넷 연결을 확인해주세요."
    ),
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": (
        "서버에 다시 연결하는 중입니다. 계속되면 관리자에게 문의하세요."
    ),
    # fields
    "Choose an option": "고르기",
    "Choose options": "고르기",
    "Select...": "고르기",
    "No results": "찾은 것이 없습니다",
    "No options to select": "고를 것이 없습니다",
    "Clear value": "지우기",
    "Clear all": "모두 지우기",
    "Clear entry": "지우기",
    "Selected values": "고른 값",
    "Show password": "입력한 글자 보기",
    "Hide password": "입력한 글자 가리기",
    "Increment": "늘리기",
    "Decrement": "줄이기",
    "Press Enter to apply": "Enter를 누르면 적용됩니다",
    "Press Enter to submit form": "Enter를 누르면 보냅니다",
    "Press Ctrl+Enter to apply": "Ctrl+Enter를 누르면 적용됩니다",
    "Press ⌘+Enter to apply": "⌘+Enter를 누르면 적용됩니다",
    "Send message": "보내기",
    "Stop script": "멈추기",
    "add icon": "더하기",
    "Download failed": "파일을 받지 못했습니다",
    # calendar
    "Choose date": "달력에서 고르기",
    "Clear date": "날짜 지우기",
    "Previous month": "지난달",
    "Next month": "다음 달",
    "Previous year": "지난해",
    "Next year": "다음 해",
    "Empty": "비어 있음",
    "Use arrow keys to navigate dates. Enter to select. Escape to close.": (
        "화살표로 날짜를 옮기고, Enter로 고르고, Esc로 닫습니다."
    ),
    # tables
    "Search": "찾기",
    "Type to search": "찾을 말을 입력하세요",
    "Close Search": "찾기 닫기",
    "Next Result": "다음 결과",
    "Previous Result": "이전 결과",
    "Show/hide columns": "열 보이기·숨기기",
    "Select all": "모두 고르기",
    "Clear selection": "고른 것 풀기",
    "Dataframe column menu": "열 메뉴",
    "Copy column name": "열 이름 복사",
    "Sort ascending": "작은 것부터",
    "Sort descending": "큰 것부터",
    "Format": "표시 형식",
    "Autosize": "너비 맞추기",
    "Pin column": "왼쪽에 고정",
    "Unpin column": "고정 풀기",
    "Hide column": "열 숨기기",
    "Statistics": "통계",
    "Automatic": "자동",
    "Localized": "세 자리 쉼표",
    "Plain": "숫자 그대로",
    "Compact": "줄여서",
    "Dollar": "달러",
    "Euro": "유로",
    "Yen": "엔",
    "Percent": "백분율",
    "Scientific": "지수",
    "Accounting": "회계",
    "Calendar": "날짜",
    "Distance": "지금부터",
    "Duration": "걸린 시간",
    "Average": "평균",
    "Average length": "평균 길이",
    "Count": "개수",
    "Distinct": "서로 다른 값",
    "Median": "중앙값",
    "Minimum": "최소",
    "Maximum": "최대",
    "Minimum length": "가장 짧은 길이",
    "Maximum length": "가장 긴 길이",
    "Range": "범위",
    "Standard deviation": "표준편차",
    "Sum": "합계",
    "Values": "값",
    "25th percentile": "25 백분위수",
    "75th percentile": "75 백분위수",
    "Based on sample": "일부로 계산함",
    "No data": "값 없음",
    "Distribution histogram": "분포 그림",
    "Top values frequency chart": "많은 값 그림",
    "True/false distribution chart": "참·거짓 그림",
    "empty": "비어 있음",
    # charts and maps
    "Download plot as a PNG": "그림 파일로 내려받기",
    "Download plot as a png": "그림 파일로 내려받기",
    "Zoom": "끌어서 확대",
    "Pan": "끌어서 옮기기",
    "Zoom in": "확대",
    "Zoom out": "축소",
    "Reset axes": "처음 크기로",
    "Autoscale": "크기 맞추기",
    "Double-click to zoom back out": "두 번 누르면 처음 크기로 돌아갑니다",
    "Layers": "겹쳐 볼 것",
    "Close popup": "닫기",
    "A JavaScript library for interactive maps": "지도를 그리는 Leaflet",
}

# Replaces a whole element of Streamlit.
DOWNLOAD_FAILED = "파일을 만들지 못했습니다. 잠시 후 다시 시도해주세요."

# Names of focusable elements that Streamlit leaves unnamed, by selector.
NAMELESS: Mapping[str, str] = {
    "[data-testid=data-grid-canvas]": "표 (화살표로 칸을 옮깁니다)",
    "[data-testid=stCode]": "복사할 글",
    ".leaflet-container": "지도 (화살표로 옮기고 +와 -로 확대·축소합니다)",
}

# JavaScript regular expressions that match the whole text, and their replacements.
PATTERNS: tuple[tuple[str, str], ...] = (
    (r"^Help for (.+)$", "$1 도움말"),
    (r"^Choose date, (.+)$", "달력, $1"),
    (r"^day, (.+)$", "$1, 일"),
    (r"^month, (.+)$", "$1, 월"),
    (r"^year, (.+)$", "$1, 연도"),
    (r"^(\d+) – [A-Z][a-z]+$", "$1월"),
    *(
        (rf"^Selected Date: {name} (\d+), (\d+)$", f"고른 날짜: $2년 {number}월 $1일")
        for number, name in enumerate(_MONTHS, 1)
    ),
    (r"^(?:Error: )?Date set outside .* between (\S+) and (\S+)\.$", "$1부터 $2까지 고를 수 있습니다."),
    (r"^(?:Error: )?Date set outside .* on or after (\S+)\.$", "$1부터 고를 수 있습니다."),
    (r"^(?:Error: )?Date set outside .* on or before (\S+)\.$", "$1까지 고를 수 있습니다."),
    (r"^Remove (.+)$", "$1 빼기"),
    (r"^(\d+) of (\d+)$", "$2개 가운데 $1번째"),
    (r"^over 1000$", "1,000개 넘음"),
    (r"^(\S+) results?$", "결과 $1개"),
    (r"^Fullscreen: (.+)$", "전체 화면: $1"),
    (r"^Close fullscreen: (.+)$", "전체 화면 닫기: $1"),
    (r"^Search: (.+)$", "찾기: $1"),
    (r"^Show/hide columns: (.+)$", "열 보이기·숨기기: $1"),
    (r"^([\d,]+) options? available\.$", "고를 것 $1개"),
    (r"^Chat message from user$", "질문"),
    (r"^Chat message from (?:assistant|ai)$", "답"),
    (r"^Connection failed with status (\d+).*$", "서버에 연결하지 못했습니다. ($1)"),
)  # fmt: skip

# Elements with Streamlit's own texts. Other texts are ours or the user's data, and are not translated.
SPEAKS_ITSELF: tuple[str, ...] = (
    "[data-testid=stSkipToContent]",
    "[data-testid=stStatusWidget]",
    "[data-testid=stConnectionStatus]",
    "[data-testid=stDialog]",
    "[data-testid^=stDateInput]",
    "[data-testid^=stDataFrame]",
    "[data-testid=InputInstructions]",
    "[id^=react-aria-description]",
    "[data-live-announcer]",
    "[role=dialog]",
    "[role=tooltip]",
    ".gdg-search-status",
    ".plotly-notifier",
    ".stSelectbox [role=listbox] > :not([role=option])",
    ".leaflet-control-container",
)
