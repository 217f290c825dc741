"""Korean texts of how a file was read: its lines, repairs, and what a person may choose."""

from collections.abc import Mapping

LOOKING = "올린 파일을 열어 보는 중입니다. 큰 파일은 몇 초 걸립니다."
READ_AS = "글자는 {encoding}(으)로 읽었습니다."
FOUND_DATES = "날짜 열: {names}"
FOUND_COORDINATES = "위치 열: {latitude}, {longitude}"
FOUND_DISTRICT = "시군구 열: {name}"

# ---- repairs and choices
REPAIRS = "읽으면서 바로잡은 것과 알아둘 것"
TIDY = "읽으면서 바로잡은 것이 없습니다."
UNDO = "되돌리기"
OFFERS: Mapping[str, str] = {"NEXT_TABLE": "다른 표로 읽기", "COLUMNS_ARE_PERIODS": "기간마다 한 줄로 읽기"}
MORE_REPAIRS = "그 밖에 {count:,}가지"
CHOSEN = "직접 고른 것"
CHOSEN_PART = "**{name}**: {value}"
AUTOMATIC, ALL_AUTOMATIC = "자동으로", "모두 자동으로"

# ---- a change, before it is taken
EFFECT = "이렇게 바뀝니다: {before} → {after}. 아직 적용하지 않았습니다."
EFFECT_COLUMNS = " 달라지는 열: {names}"
SIZE = "{rows:,}행 {columns:,}열"
TAKE, DROP = "적용", "취소"
REREADING = "다시 읽는 중입니다"
TAKEN = "바꾼 대로 다시 읽었습니다. 올린 파일은 그대로입니다."

# ---- the original and the table
ORIGINAL, TABLE = "올린 파일", "읽은 표 (처음 {rows:,}행)"
LINE, ROLE, TEXT = "줄", "구분", "내용"
ROLES: Mapping[str, str] = {
    "above": "제목·설명",
    "header": "머리글",
    "unit": "단위",
    "row": "자료",
    "left_out": "합계·뺀 줄",
    "below": "주석",
    "blank": "빈 줄",
    "other_table": "다른 표",
}
COLUMN_INFO = "열"

# ---- what a person may choose
CHOOSE, CHOOSE_COLUMN = "직접 고치기", "열의 형식·뜻·단위 고치기"
PARTS: Mapping[str, str] = {
    "encoding": "인코딩",
    "delimiter": "구분 기호",
    "quote": "따옴표",
    "escape": "따옴표를 나타내는 방법",
    "start_line": "표가 시작하는 줄",
    "header_rows": "머리글 줄 수",
    "unit_rows": "단위 줄",
    "end_line": "표의 마지막 줄",
    "left_out": "빼는 줄",
    "filled": "위의 값으로 채우는 열",
    "crs": "좌표계",
    "is_long": "이름이 기간인 열",
}
COLUMN = "열 이름"
COLUMN_PARTS: Mapping[str, str] = {"kind": "형식", "meaning": "뜻", "unit": "단위"}
COLUMN_PART = "{column} · {part}"
END_LINE_HELP = "0이면 파일 끝까지 읽습니다."
LEFT_OUT_HELP = "표 가운데의 합계처럼 읽지 않을 줄입니다. 예: 12, 25~27"
LINES_UNREADABLE = "줄 번호를 쉼표로 나누어 적어주세요. 이어진 줄은 25~27처럼 적습니다."
NOTHING = "없음"
FOUND = "자동으로 ({value})"
CHOSEN_LABEL = "{name} · 직접 고름"
WORDS: Mapping[str, Mapping[object, str]] = {
    "delimiter": {
        ",": "쉼표 ,",
        ";": "세미콜론 ;",
        "\t": "탭",
        "|": "세로줄 |",
        "||": "두 세로줄 ||",
        " ": "빈칸",
        ":": "쌍점 :",
        "/": "빗금 /",
        "^": "꺾쇠 ^",
        "\n": "없음 (열 하나)",
    },
    "quote": {'"': '큰따옴표 "', "'": "작은따옴표 '", "": NOTHING},
    "escape": {"": "두 번 쓰기", "\\": "앞에 \\ 쓰기"},
    "header_rows": {0: NOTHING, 1: "1줄", 2: "2줄", 3: "3줄"},
    "unit_rows": {0: NOTHING, 1: "있음"},
    "end_line": {0: "파일 끝까지"},
    "crs": {
        "none": "바꾸지 않음",
        "EPSG:4326": "도(글자로 적힘, EPSG:4326)",
        "EPSG:5186": "중부원점(GRS80 60만, EPSG:5186)",
        "EPSG:5174": "중부원점(베셀, EPSG:5174)",
        "EPSG:5181": "중부원점(GRS80 50만, EPSG:5181)",
        "EPSG:2097": "중부원점(옛 베셀, EPSG:2097)",
        "EPSG:5179": "UTM-K(GRS80, EPSG:5179)",
        "EPSG:5178": "UTM-K(베셀, EPSG:5178)",
        "EPSG:5187": "동부원점(GRS80 60만, EPSG:5187)",
        "EPSG:5183": "동부원점(GRS80 50만, EPSG:5183)",
        "EPSG:5176": "동부원점(베셀, EPSG:5176)",
        "EPSG:2096": "동부원점(옛 베셀, EPSG:2096)",
        "EPSG:5185": "서부원점(GRS80 60만, EPSG:5185)",
        "EPSG:5180": "서부원점(GRS80 50만, EPSG:5180)",
        "EPSG:5173": "서부원점(베셀, EPSG:5173)",
        "EPSG:2098": "서부원점(옛 베셀, EPSG:2098)",
        "EPSG:5182": "제주원점(GRS80 55만, EPSG:5182)",
        "EPSG:5175": "제주원점(베셀, EPSG:5175)",
        "EPSG:5188": "동해원점(GRS80 60만, EPSG:5188)",
        "EPSG:5184": "동해원점(GRS80 50만, EPSG:5184)",
        "EPSG:5177": "동해원점(베셀, EPSG:5177)",
        "EPSG:32652": "UTM 52N(WGS84, EPSG:32652)",
        "EPSG:32651": "UTM 51N(WGS84, EPSG:32651)",
        "KATEC": "KATEC",
    },
    "is_long": {False: "열 그대로", True: "기간마다 한 줄"},
}

# ---- choice of the encoding at the upload
ENCODING_NEEDED = "같은 줄을 인코딩마다 읽어 보았습니다. 바르게 보이는 쪽을 골라주세요. 아직 저장하지 않았습니다."
ENCODING_LINE = "{line:,}번째 줄  {text}"
UPLOAD_AS = "{encoding}(으)로 올리기"
UPLOADED_REPAIRS, CHECK = "읽으면서 바로잡거나 알릴 것이 {count:,}가지 있습니다.", "확인하기"
