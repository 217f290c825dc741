"""What `./scripts/up` tells people."""

STARTING = "대구 공공데이터 앱을 시작합니다…"
READY = """
준비되었습니다
  화면      {page}
  API 문서  {api}/docs
  로그      {logs}
멈추려면 Ctrl-C를 누르세요.
"""
STOPPING = "멈추는 중입니다…"
STOPPED = "모두 멈췄습니다. 자료는 {state}에 그대로 있습니다."
PORT_TAKEN = (
    "포트 {port}을(를) 다른 프로그램이 쓰고 있습니다. "
    "그 프로그램을 끄거나 {variable}={free} 처럼 다른 포트를 지정하세요."
)
ALREADY_RUNNING = "{state}에서 이미 실행 중입니다. 그쪽을 멈추거나 STATE_DIR로 다른 폴더를 지정하세요."
OPENMP_MISSING = (
    "libgomp1이 없어 예측 모델을 쓸 수 없습니다. 설치: apt-get install libgomp1 (macOS: brew install libomp)"
)
STARTED = "{name} 준비됨 ({seconds:.1f}초)"
CRASHED = "{name}이(가) 멈췄습니다 (종료 코드 {code}). {seconds:g}초 뒤 다시 시작합니다."
STEP_FAILED = "{name} 단계가 실패했습니다 (종료 코드 {code}). {log}를 확인하세요."
