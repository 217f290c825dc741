"""Restarts a running stack, one replica of each program at a time: `./scripts/rolling-restart`."""

import argparse
import sys
from pathlib import Path

from deploy.local.settings import REPOSITORY, load_settings
from deploy.rolling import texts
from deploy.rolling.compose import Project, replace_containers
from deploy.rolling.local import restart_programs


def main() -> int:
    """Returns 0 once everything has been restarted, 1 if something did not come back."""
    parser = argparse.ArgumentParser(prog="scripts/rolling-restart", description=texts.HELP)
    parser.add_argument("--compose", action="store_true", help=texts.COMPOSE_HELP)
    parser.add_argument("-f", "--file", action="append", type=Path, help=texts.FILE_HELP)
    parser.add_argument("--project-name", help=texts.PROJECT_HELP)
    parser.add_argument("services", nargs="*", help=texts.SERVICES_HELP)
    options = parser.parse_args()
    if options.compose:
        files = options.file or [REPOSITORY / "deploy" / "docker-compose.yml"]
        return 0 if replace_containers(Project(files, options.project_name), options.services, _say) else 1
    return 0 if restart_programs(load_settings().state, _say) else 1


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
