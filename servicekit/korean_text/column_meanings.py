"""Korean names of what is known of a column, by the words of the contract."""

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "code": "코드",
    "serial": "일련번호",
    "year": "연도",
    "month": "월",
    "day": "일",
    "hour": "시",
    "age": "나이",
    "percent": "비율",
    "money": "금액",
    "count": "건수",
    "region": "지역",
    "latitude": "위도",
    "longitude": "경도",
    "metres_x": "동서 좌표(m)",
    "metres_y": "남북 좌표(m)",
    "position": "위치",
    "phone": "전화번호",
    "address": "주소",
}
PRECISIONS: Mapping[str, str] = {"year": "연도", "quarter": "분기", "month": "연월"}
