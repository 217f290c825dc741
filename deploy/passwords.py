"""Generates the passwords of the compose stack once, and the files with the secrets of each container.

    python -m deploy.passwords /run/secrets

The folder is a separate volume; no secret is in an image, a command line or an environment variable.
"""

import argparse
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

# World-readable, as PostgreSQL, Redis and our processes use different accounts; mounting decides who has access.
_MODE = 0o444


def write_secrets(folder: Path) -> None:
    """Writes all files; existing passwords are kept."""
    postgres, redis, cache = (_kept_password(folder / f"{name}_password") for name in ("postgres", "redis", "cache"))
    database_url = f"postgresql://daegu:{postgres}@postgres:5432/daegu"
    files: Mapping[str, str] = {
        "database_url": database_url,
        "redis_url": f"redis://:{redis}@redis:6379",
        "redis.conf": f"requirepass {redis}\n",
        # The chat service caches answers in a separate server, which may lose them.
        "chat/database_url": database_url,
        "chat/redis_url": f"redis://:{cache}@cache:6379",
        "cache.conf": f"requirepass {cache}\n",
    }
    for name, text in files.items():
        _write(folder / name, text)


def _kept_password(path: Path) -> str:
    if not path.exists():
        _write(path, secrets.token_urlsafe(24))
    return path.read_text()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    making = path.with_name(f".{path.name}.making")
    making.write_text(text)
    making.chmod(_MODE)
    os.replace(making, path)  # noqa: PTH105 - atomic: an existing file is complete


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_secrets(parser.parse_args().folder)
