"""Korean texts of `./scripts/doctor`. Every problem has a remedy."""

OK_MARK, NOTE_MARK, TROUBLE_MARK, REMEDY_MARK = "✔ 정상", "• 참고", "✖ 문제", "    → "
ALL_WELL = "문제가 없습니다."
TROUBLES = "문제 {count}건. 위의 → 를 따라 고친 뒤 다시 실행하세요."

# subjects of the checks
PYTHON, SETTINGS, PORTS, SERVICES, DATABASE, QUEUE, MIGRATIONS, WORKER, MODEL = (
    "파이썬", "설정", "포트", "서비스", "데이터베이스", "대기열", "스키마", "작업자", "예측 모델",
)  # fmt: skip
DISK, ROOM, MEMORY, KEY, FONT, MAP = "디스크", "저장량", "메모리", "API 키", "한글 글꼴", "지도 파일"

PYTHON_VERSION = "파이썬 {version}"
SETTINGS_READ = ".env와 환경 변수를 읽었습니다"
ENV_FILE_UNREADABLE = "{path} 파일을 읽을 수 없습니다: {problem}"
ENV_FILE_MEND = "UTF-8로 저장했는지, 읽을 권한이 있는지 확인하세요."
SETTING_INVALID = "{variable} 값을 쓸 수 없습니다: {problem}"
SETTING_MEND = "환경 변수나 .env에서 이 값을 고치세요. 쓸 수 있는 값은 .env.example에 있습니다."
ENV_FILE_OPEN = "{path}에 API 키가 있는데 다른 사용자도 읽을 수 있습니다"
ENV_FILE_CLOSE = "chmod 600 {path}"

STACK_RUNS = "스택이 실행 중입니다 ({state})"
STACK_RESTS = "이 폴더의 스택은 멈춰 있습니다"
STACK_START = "./scripts/up으로 시작합니다."
OTHER_STACK = "포트 {port}에서 다른 스택이 응답합니다 (컨테이너 등)"
OTHER_STACK_REMEDY = (
    "컨테이너라면 docker compose -f deploy/docker-compose.yml ps 와 logs 로 살펴보세요. "
    "무엇이 자리를 차지하는지는 같은 명령의 exec dataset python -m deploy.room 이 알려줍니다."
)
PORTS_FREE = "{ports} 모두 비어 있습니다"
PORT_ANSWERS = "{variable}={port}에서 {name}이(가) 응답합니다"
PORT_SILENT = "{variable}={port}에서 {name}이(가) 응답하지 않습니다"
LOOK_AT_LOG = "{log}의 마지막 줄을 확인하세요. ./scripts/up은 멈춘 프로그램을 자동으로 다시 시작합니다."

HEALTHY = "{names} 모두 정상"
ILL = "{name}: {status}"
ILL_REMEDY = "{logs} 폴더에서 이 서비스의 로그를 확인하세요."
GATEWAY_AWAY = "게이트웨이가 응답하지 않아 서비스 상태를 확인할 수 없습니다"

SERVER_ANSWERS = "{name} {version} ({place})"
EXTERNAL_REMEDY = "{variable}의 주소, 암호, 방화벽을 확인하세요."
MIGRATED = "최신 버전({revision})"
NOT_MIGRATED = "데이터베이스 스키마가 최신 버전이 아닙니다"
MIGRATE = (
    "./scripts/up을 다시 시작하면 자동으로 올라갑니다. "
    "직접 하려면: DATABASE_URL=… .venv/bin/alembic -c migrations/alembic.ini upgrade head"
)
WORKER_ALIVE = "배치 작업자가 동작 중입니다"
WORKER_SILENT = "배치 작업자가 응답하지 않습니다"

MODEL_LOADED = "{version}, 시험 예측 ECLO {eclo:.2f}"
MODEL_REMEDY = "git checkout -- model 로 되돌리거나 .venv/bin/python -m model.train 으로 다시 만드세요."

FREE_SPACE = "{path}에 {free} 남음"
LITTLE_SPACE = "{path}에 {free}밖에 남지 않았습니다. {needed} 이상을 권합니다"
SPACE_REMEDY = "쓰지 않는 데이터셋과 로그({logs})를 지우거나 STATE_DIR을 넓은 디스크로 옮기세요."
CANNOT_WRITE = "{path}에 쓸 수 없습니다"
WRITE_REMEDY = "폴더의 소유자와 권한을 고치거나 STATE_DIR로 다른 폴더를 지정하세요."
FREE_MEMORY = "{free} 사용 가능"
LITTLE_MEMORY = "{free}만 쓸 수 있습니다. 스택에는 {needed}가 필요합니다"
MEMORY_REMEDY = "다른 프로그램을 닫거나 메모리를 늘리세요."
MEMORY_UNKNOWN = "이 운영체제에서는 확인하지 않습니다"

KEY_SET = "ANTHROPIC_API_KEY가 설정되어 있습니다 (값은 표시하지 않음)"
KEY_ODD = "ANTHROPIC_API_KEY가 sk-ant- 로 시작하지 않습니다"
KEY_ODD_REMEDY = "앞뒤 공백이나 따옴표가 들어가지 않았는지, 다른 키가 아닌지 확인하세요."
KEY_ABSENT = "키가 없습니다. AI 채팅 외에는 모두 쓸 수 있습니다"
KEY_REMEDY = "화면 왼쪽 칸에 입력하거나 .env에 ANTHROPIC_API_KEY=… 를 적으세요."

FONT_FOUND = "{name}"
FONT_ABSENT = "이 컴퓨터에서 한글 글꼴을 찾지 못했습니다. 여기서 브라우저를 열면 글자가 네모로 보입니다"
FONT_REMEDY = "apt-get install fonts-nanum (또는 fonts-noto-cjk)"
MAP_COMPLETE = "지도 파일이 모두 있습니다 (인터넷 없이도 지도가 보입니다)"
MAP_MISSING = "지도 파일이 없습니다: {names}"
MAP_REMEDY = "./scripts/setup run 을 다시 실행하세요."
