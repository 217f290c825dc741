"""Korean texts of `./scripts/up`."""

STARTING = "대구 공공데이터 앱을 시작합니다…"
READY = """
준비되었습니다
  화면      {page}
  API 문서  {api}/docs
  로그      {logs}
멈추려면 Ctrl-C를 누르세요.
"""
STOPPING = "멈추는 중입니다…"
STOPPED = "모두 멈췄습니다. 데이터는 {state}에 남아 있습니다."
STARTED = "{name} 준비됨 ({seconds:.1f}초)"
STILL_WAITING = "아직 기다리는 중입니다: {names}. 자세한 내용은 {logs}에 있습니다."
LINES_LOST = "(로그 {count}줄을 쓰지 못했습니다)\n"
HUNG = "{name}이(가) 응답하지 않아 종료합니다."
ROLLING = "{name}을(를) 다시 시작합니다"
STEP_DONE = "{name} 단계를 마쳤습니다"
ROLLED = "모두 하나씩 다시 시작했습니다."
ROLL_FAILED = "{name}이(가) 돌아오지 않아 나머지는 그대로 두었습니다. {log}을(를) 확인하세요."
CRASHED = "{name}이(가) 멈췄습니다 (종료 코드 {code}). {seconds:g}초 뒤 다시 시작합니다."

# Why it cannot start, and how to fix it, in one line.
STEP_FAILED = "{name} 단계가 실패했습니다 (종료 코드 {code}). {log}을(를) 확인하세요."
CANNOT_RUN = "{name}을(를) 실행할 수 없습니다: {problem}"
SETTING_INVALID = "{variable} 값을 쓸 수 없습니다: {problem}. 환경 변수나 .env를 고친 뒤 다시 실행하세요."
SETTING_PROBLEMS = {
    "int_parsing": "숫자여야 합니다",
    "greater_than_equal": "{ge} 이상이어야 합니다",
    "less_than_equal": "{le} 이하여야 합니다",
    "literal_error": "DEBUG, INFO, WARNING, ERROR 중 하나여야 합니다",
}
DATABASE_FORM = "postgresql://사용자:암호@호스트:5432/데이터베이스 형식이어야 합니다"
REDIS_FORM = "redis://:암호@호스트:6379 형식이어야 합니다. 데이터베이스 번호는 붙이지 않습니다(0번과 1번을 씁니다)"
ENV_FILE_UNREADABLE = "{path} 파일을 읽을 수 없습니다: {problem}. UTF-8로 저장했는지 확인하세요."
ALREADY_RUNNING = "{state}에서 이미 실행 중입니다. 그쪽을 멈추거나 STATE_DIR로 다른 폴더를 지정하세요."
STATE_UNUSABLE = "{state} 폴더에 쓸 수 없습니다 ({problem}). 권한을 고치거나 STATE_DIR로 다른 폴더를 지정하세요."
PORT_TAKEN = (
    "포트 {port}을(를) 다른 프로그램이 쓰고 있습니다. "
    "그 프로그램을 끄거나 {variable}={free} 처럼 다른 포트를 지정하세요."
)
PORT_FORBIDDEN = "포트 {port}은(는) 이 사용자가 쓸 수 없습니다. {variable}={free} 처럼 1024 이상의 포트를 지정하세요."
PORT_TWICE = "{first}과(와) {second}이(가) 같은 포트 {port}입니다. 서로 다른 포트를 지정하세요."
OPENMP_MISSING = (
    "libgomp1이 없어 예측 모델을 쓸 수 없습니다. 설치: apt-get install libgomp1 (macOS: brew install libomp)"
)
DATABASE_UNREACHABLE = "DATABASE_URL의 PostgreSQL({place})에 연결할 수 없습니다: {problem}"
DATABASE_TOO_OLD = "DATABASE_URL의 PostgreSQL({place})은 {version} 버전입니다. 15 이상이 필요합니다."
REDIS_UNREACHABLE = "REDIS_URL의 Redis({place})에 연결할 수 없습니다: {problem}"
POSTGRES_NOT_MADE = "PostgreSQL 데이터 폴더를 만들지 못했습니다: {problem}"
POSTGRES_OTHER_VERSION = (
    "{data}은(는) PostgreSQL {found}의 데이터인데 설치된 버전은 {installed}입니다. "
    "docs/운영.md의 '업그레이드'를 따르거나 STATE_DIR로 다른 폴더를 지정하세요."
)
POSTGRES_NOT_AS_ROOT = (
    "PostgreSQL은 root로 실행할 수 없고, 이 시스템에서는 다른 사용자로 바꿀 수도 없습니다. "
    "일반 사용자로 실행하거나 DATABASE_URL로 기존 PostgreSQL을 지정하세요."
)
