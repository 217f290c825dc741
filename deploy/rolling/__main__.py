"""Restarts a running stack, one replica of each program at a time: `./scripts/rolling-restart`."""

import argparse
import sys
from pathlib import Path

from deploy.local.settings import REPOSITORY, load_settings
from deploy.rolling import compose, local, texts


class _Say:
    def __call__(self, line: str) -> None:
        print(line, flush=True)  # noqa: T201


def main() -> int:
    """Returns 0 once everything has been restarted, 1 if something did not come back."""
    parser = argparse.ArgumentParser(prog="scripts/rolling-restart", description=texts.HELP)
    parser.add_argument("--compose", action="store_true", help=texts.COMPOSE_HELP)
    parser.add_argument("-f", "--file", action="append", type=Path, help=texts.FILE_HELP)
    parser.add_argument("--project-name", help=texts.PROJECT_HELP)
    parser.add_argument("services", nargs="*", help=texts.SERVICES_HELP)
    options = parser.parse_args()
    say = _Say()
    if options.compose:
        files = options.file or [REPOSITORY / "deploy" / "docker-compose.yml"]
        return 0 if compose.roll(compose.Project(files, options.project_name), options.services, say) else 1
    return 0 if local.roll(load_settings().state, say) else 1


if __name__ == "__main__":
    sys.exit(main())
