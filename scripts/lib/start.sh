# Common start of all scripts: . "$(dirname "$0")/lib/start.sh"
# Refuses unsupported systems, handles --help, and changes to the root of the repository. Any shell may run it, so it
# uses only POSIX syntax.
for argument in "$@"; do
  case "$argument" in
    --help | -h) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
  esac
done

case "$(uname -s)" in
  Linux | Darwin) ;;
  *)
    echo "Windows의 Git Bash, MSYS, Cygwin에서는 실행할 수 없습니다. WSL2의 Ubuntu에서 다시 실행하거나 Docker Desktop으로 켜세요." >&2
    echo "방법: README.md의 ‘Windows’" >&2
    exit 1
    ;;
esac
case "${BASH_VERSION:-}" in
  '' | [12].* | 3.[01].*)
    echo "bash 3.2 이상이 필요합니다. sh나 zsh를 붙이지 말고 $0 처럼 바로 실행하세요." >&2
    exit 1
    ;;
esac
cd "$(dirname "$0")/.." || exit 1
