"""Makes the passwords of the compose stack once, and the files that tell each container what it must know.

    python -m deploy.passwords /run/secrets

The folder is a volume of its own; nothing of it is in an image, in a command line or in an environment variable.
"""

import argparse
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

# Who may read the volume is decided by who mounts it; PostgreSQL, Redis and our processes run under different accounts.
_MODE = 0o444


def write_secrets(folder: Path) -> None:
    """Writes all files; a password that is there stays what it is."""
    postgres, redis, cache = (_kept_password(folder / f"{name}_password") for name in ("postgres", "redis", "cache"))
    database_url = f"postgresql://daegu:{postgres}@postgres:5432/daegu"
    files: Mapping[str, str] = {
        "database_url": database_url,
        "redis_url": f"redis://:{redis}@redis:6379",
        "redis.conf": f"requirepass {redis}\n",
        # The chat service keeps answers in a server of their own, which may forget.
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
    os.replace(making, path)  # noqa: PTH105 - in one step: a file that is there is whole


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_secrets(parser.parse_args().folder)
