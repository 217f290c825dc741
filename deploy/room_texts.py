"""Korean texts about what takes how much room."""

PREDICTIONS, BATCHES, CONVERSATIONS, DATASETS = "예측", "배치", "대화", "데이터셋 목록"
FILES, LOGS, QUEUE = "데이터셋 파일", "로그", "대기열"

TAKES = "{name} {size}"
TAKES_AND_GROWS = "{name} {size}(하루 {daily})"
FILES_ELSEWHERE = "데이터셋 파일은 객체 저장소에 있어 여기서 세지 않습니다"
DATABASE_AWAY = "데이터베이스가 응답하지 않아 예측, 배치, 대화의 크기는 세지 못했습니다"
GROWS_TOO_SLOWLY = "지난 7일처럼 쓰면 디스크(여유 {free})는 10년 안에 차지 않습니다"
FULL_IN = "지난 7일처럼 쓰면(하루 {daily}) 약 {days}일 뒤에 디스크(여유 {free})가 찹니다"
GROWTH_ELSEWHERE = "데이터베이스는 다른 서버에 있어 그 디스크의 여유는 세지 못합니다. 하루 {daily}씩 늘고 있습니다"
KEEPS = "보관 기간: 예측과 배치 {predictions}, 대화 {conversations}, 데이터셋 {datasets}"
KEPT_DAYS, KEPT_FOR_GOOD = "{days}일", "계속"
FULL_SOON_REMEDY = (
    "KEEP_PREDICTIONS_DAYS, KEEP_CONVERSATIONS_DAYS, KEEP_DATASETS_DAYS로 보관 기간을 정하거나 더 큰 디스크로 옮기세요."
)
