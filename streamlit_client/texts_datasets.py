"""Korean texts of datasets: upload, list, quality, links, choice."""

from collections.abc import Mapping

PAGE = "데이터셋"
TITLE = "데이터셋"
INTRO = "CSV 파일을 올려 두면 언제든 다시 열 수 있고, 7일 동안 유효한 링크로 공유할 수 있습니다."

# ---- upload
UPLOAD_HEADING = "새로 올리기"
UPLOAD = "CSV 파일"
NAME, NAME_HELP = "이름", "비워 두면 파일 이름을 씁니다."
DESCRIPTION = "설명"
SUBMIT = "업로드"
UPLOADED = "**{name}** 업로드를 마쳤습니다. {rows:,}행 · {columns:,}열 · {size}"
FORM_FIELDS: Mapping[str, str] = {"name": NAME, "description": DESCRIPTION, "file": UPLOAD, "encoding": "인코딩"}

# ---- list
LIST_HEADING = "올려 둔 데이터셋"
LIST_EMPTY = "아직 데이터셋이 없습니다. 위에서 CSV 파일을 올려주세요."
LIST_HELP = "행을 누르면 아래에 자세한 정보가 나타납니다."
ROWS, COLUMNS, SIZE, UPLOADED_AT = "행", "열", "크기", "업로드 날짜"
TOTAL, TOTAL_OR_MORE = "모두 {total:,}개", "{total:,}개 이상"
OPEN_EXPLORE, OPEN_CHAT = "시각화 열기", "채팅 열기"
DOWNLOAD = "CSV 내려받기"
TABS = ("이렇게 읽었습니다", "ECLO 예측", "공유", "이름·삭제")

# ---- quality, and how a file was read (texts_reading)
MISSING_SHARE, DUPLICATES = "빈칸", "중복 행"
PERCENT = "{share:.1f}%"
COLUMN, TYPE, MISSING, UNIQUE, MINIMUM, MAXIMUM, SAMPLE = (
    "열 이름",
    "형식",
    "빈칸",
    "고유값",
    "최솟값",
    "최댓값",
    "예시",
)
TYPES: Mapping[str, str] = {
    "integer": "정수",
    "number": "숫자",
    "text": "글자",
    "date": "날짜",
    "boolean": "참·거짓",
    "time": "시각",
}
MEANING, UNIT, PRECISE_TYPE, DERIVED = "뜻", "단위", "{type} ({precision})", "계산한 열 ({columns})"
ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "cp949": "CP949 (한글 엑셀)",
    "utf-8+cp949": "UTF-8·CP949 섞임",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 (작은 쪽 먼저)",
    "utf-16-be": "UTF-16 (큰 쪽 먼저)",
}

# ---- links
SHARE = "공유 링크 만들기"
SHARE_INTRO = (
    "링크를 받은 사람은 7일 동안 데이터와 차트, 채팅을 보고 CSV로 내려받을 수 있고, 이름을 바꾸거나 지울 수는 없습니다."
)
SHARED = "링크를 만들었습니다. {expires}까지 열립니다. 이 주소는 지금만 볼 수 있습니다."
COPY, COPIED, COPY_FAILED = "복사", "클립보드에 복사되었습니다", "복사하지 못했습니다. 주소를 직접 복사해주세요."
QR_CAPTION = "휴대전화 카메라로 열 수 있습니다."
QR_ALT = "공유 링크의 QR 코드"
LINKS_HEADING = "만든 링크"
LINKS_EMPTY = "아직 만든 링크가 없습니다."
LINK_LIVE, LINK_EXPIRED, LINK_REVOKED = "열림", "만료됨", "끊음"
LINK_LINE = "{created} 만듦 · {expires}까지 · {views:,}번 열림"
REVOKE = "링크 끊기"

# ---- change and delete
CHANGE = "저장"
CHANGED = "변경 사항을 저장했습니다."
DELETE_HEADING = "데이터셋 삭제"
DELETE_WARNING = "**{name}** 데이터셋과 파일, 공유 링크가 모두 지워집니다. 되돌릴 수 없습니다."
DELETE_SURE = "네, 삭제합니다"
DELETE = "삭제"
DELETED = "**{name}** 데이터셋을 삭제했습니다."

# ---- choice of the open dataset
CHOOSE, CHOOSE_PLACEHOLDER = "데이터셋", "데이터셋을 골라주세요"
GONE = "이 주소의 데이터셋은 지워졌거나 없습니다. 다른 데이터셋을 골라주세요."
NOTHING_TO_CHOOSE = "아직 데이터셋이 없습니다. 먼저 데이터셋을 올려주세요."
GO_UPLOAD = "데이터셋 올리러 가기"
CHOICE_LABEL, CHOICE_AGAIN = "{name} · {rows:,}행 · {uploaded}", "{label} · {number}번째"

# ---- a shared dataset
SHARED_PAGE = "공유된 데이터"
SHARED_NOTE = "공유 링크로 연 데이터셋입니다. {expires}까지 볼 수 있습니다."
SHARED_LEAVE = "내 화면으로 가기"
SHARED_TABS = ("시각화", "채팅")

# ---- prediction of a whole dataset
PREDICT_INTRO = (
    "모든 행의 ECLO를 예측합니다. 진행 상황과 결과는 배치 화면에 나타나고, "
    "결과를 더한 새 데이터셋으로 보관할 수 있습니다."
)
ACTUAL_HEADING = "실제값과 비교"
ACTUAL_SENTENCE = (
    "실제 ECLO가 있는 {count:,}행에서 RMSLE는 **{rmsle:.4f}**입니다. "
    "모두를 한 값으로 예측했을 때({constant:.4f})보다 {better:.1f}% {word}. "
    "실제 평균은 {actual:.2f}, 기댓값의 평균은 {expected:.2f}입니다."
)
BETTER, WORSE = "낮습니다(좋습니다)", "높습니다(나쁩니다)"
ACTUAL_AXIS, EXPECTED_AXIS = "실제 ECLO", "예측 ECLO 기댓값"
CASUALTY_WEIGHTS: Mapping[str, int] = {"사망자수": 10, "중상자수": 5, "경상자수": 3, "부상신고자수": 1}
