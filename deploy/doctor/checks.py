"""Independent checks of what may keep the app from working. They start, change and send nothing."""

import ctypes
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from deploy import room_texts
from deploy.doctor import texts
from deploy.local.obstacles import database_obstacles, openmp_obstacles, port_obstacles, redis_obstacles
from deploy.local.schema_version import heads, is_migrated
from deploy.room import Outlook
from servicekit.korean_text.particles import choose_particles

LEAST_DISK_BYTES = 2 * 1024**3
LEAST_MEMORY_BYTES = 1536 * 1024**2
_CONNECT_SECONDS = 2
_KOREAN_FONTS = (
    "pretendard", "notosanskr", "notosanscjk", "malgun", "applesdgothicneo", "nanum", "unbatang", "d2coding",
)  # fmt: skip
_FONT_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/System/Library/Fonts",
    "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip


class Verdict(Enum):
    """The result of a check. A note does not need fixing."""

    OK = "ok"
    NOTE = "note"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result, in Korean, with the remedy if there is something to do."""

    subject: str
    verdict: Verdict
    said: str
    remedy: str = ""


Asks = Callable[[], None]
"""Returns if the right program answers; raises `OSError` or `NotServing` otherwise."""


def check_python() -> Iterator[Finding]:
    """Checks the interpreter, and the one library that pip does not install."""
    yield Finding(texts.PYTHON, Verdict.OK, texts.PYTHON_VERSION.format(version=platform.python_version()))
    if sys.platform == "linux":
        yield from _troubles(texts.PYTHON, openmp_obstacles(ctypes.CDLL))


def check_env_file(path: Path) -> Iterator[Finding]:
    """Checks that only its owner can read the file with the key."""
    yield Finding(texts.SETTINGS, Verdict.OK, texts.SETTINGS_READ)
    if not path.exists() or not path.stat().st_mode & 0o077:
        return
    if re.search(r"^[ \t]*ANTHROPIC_API_KEY[ \t]*=[ \t]*\S", path.read_text("utf-8-sig"), re.MULTILINE):
        remedy = texts.ENV_FILE_CLOSE.format(path=path)
        yield Finding(texts.SETTINGS, Verdict.TROUBLE, texts.ENV_FILE_OPEN.format(path=path), remedy)


def check_free_ports(ports: Sequence[tuple[str, int]]) -> Iterator[Finding]:
    """Checks that the ports of a stopped stack are free, each given with its environment variable."""
    yield from (troubles := _troubles(texts.PORTS, port_obstacles(ports)))
    if not troubles:
        said = texts.PORTS_FREE.format(ports=", ".join(str(port) for _, port in ports))
        yield Finding(texts.PORTS, Verdict.OK, said)


def check_port(variable: str, port: int, name: str, asks: Asks, log: Path) -> Iterator[Finding]:
    """Checks that the right program is listening."""
    facts = {"variable": variable, "port": port, "name": name}
    try:
        asks()
    except Exception:  # noqa: BLE001 - any error means that another program is listening
        remedy = texts.LOOK_AT_LOG.format(log=log)
        yield Finding(texts.PORTS, Verdict.TROUBLE, choose_particles(texts.PORT_SILENT.format(**facts)), remedy)
    else:
        yield Finding(texts.PORTS, Verdict.OK, choose_particles(texts.PORT_ANSWERS.format(**facts)))


def check_health(health: Mapping[str, Any] | None, remedy: str) -> Iterator[Finding]:
    """Reports the health that the gateway returned; None if it did not answer."""
    if health is None:
        yield Finding(texts.SERVICES, Verdict.TROUBLE, texts.GATEWAY_AWAY, remedy)
        return
    parts: Mapping[str, Any] = health.get("services", {})
    well = [name for name, part in parts.items() if part["status"] == "healthy"]
    if well:
        yield Finding(texts.SERVICES, Verdict.OK, texts.HEALTHY.format(names=", ".join(well)))
    for name in sorted(parts.keys() - set(well)):
        subject = texts.WORKER if name == "worker" else texts.SERVICES
        said = texts.WORKER_SILENT if name == "worker" else texts.ILL.format(name=name, status=parts[name]["status"])
        yield Finding(subject, Verdict.TROUBLE, said, remedy)


def check_database(url: str, remedy: str, versions: Path) -> Iterator[Finding]:
    """Checks that PostgreSQL answers, is new enough and has all migrations."""
    yield from (troubles := _troubles(texts.DATABASE, database_obstacles(url), remedy))
    if troubles:
        return
    with closing(psycopg2.connect(url, connect_timeout=_CONNECT_SECONDS)) as connection:
        major, minor = divmod(connection.server_version, 10_000)
    said = texts.SERVER_ANSWERS.format(name="PostgreSQL", version=f"{major}.{minor}", place=_place(url))
    yield Finding(texts.DATABASE, Verdict.OK, said)
    if is_migrated(url, versions):
        said = texts.MIGRATED.format(revision=", ".join(heads(versions)))
        yield Finding(texts.MIGRATIONS, Verdict.OK, said)
    else:
        yield Finding(texts.MIGRATIONS, Verdict.TROUBLE, texts.NOT_MIGRATED, texts.MIGRATE)


def check_queue(url: str, remedy: str) -> Iterator[Finding]:
    """Checks that Redis or Valkey answers and that a worker is connected."""
    import redis  # slow to import

    yield from (troubles := _troubles(texts.QUEUE, redis_obstacles(url), remedy))
    if troubles:
        return
    with redis.Redis.from_url(f"{url}/0", socket_timeout=_CONNECT_SECONDS, decode_responses=True) as client:
        server: Any = client.info("server")
        is_alive = bool(client.exists("worker:alive"))
    name = "Valkey" if "valkey_version" in server else "Redis"  # Valkey also reports the compatible Redis version
    version = server[f"{name.lower()}_version"]
    said = texts.SERVER_ANSWERS.format(name=name, version=version, place=_place(url))
    yield Finding(texts.QUEUE, Verdict.OK, said)
    if is_alive:
        yield Finding(texts.WORKER, Verdict.OK, texts.WORKER_ALIVE)


def check_model(directory: Path) -> Iterator[Finding]:
    """Checks that the model is complete and predicts."""
    # Imported here: without libgomp the import fails, which is reported already.
    try:
        from prediction_service.accident import Accident
        from prediction_service.model import EcloModel, ModelFileInvalid
    except OSError as error:
        yield Finding(texts.MODEL, Verdict.TROUBLE, str(error), texts.MODEL_REMEDY)
        return
    try:
        model = EcloModel.load(directory)
        typical = {feature.name: feature.typical_value for feature in model.info.features}
        values = {name: int(value) if value.isdigit() else value for name, value in typical.items()}
        (estimate,) = model.predict_many([model.vocabulary.read(Accident(**values)).accident])  # type: ignore[arg-type]
    except ModelFileInvalid as error:
        yield Finding(texts.MODEL, Verdict.TROUBLE, str(error), texts.MODEL_REMEDY)
    else:
        yield Finding(texts.MODEL, Verdict.OK, texts.MODEL_LOADED.format(version=model.version, eclo=estimate.eclo))


def check_disk(state: Path, least_bytes: int = LEAST_DISK_BYTES) -> Iterator[Finding]:
    """Checks that the state folder is writable and has free space."""
    existing = next(folder for folder in (state, *state.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError:
        yield Finding(texts.DISK, Verdict.TROUBLE, texts.CANNOT_WRITE.format(path=existing), texts.WRITE_REMEDY)
        return
    free = shutil.disk_usage(existing).free
    if free < least_bytes:
        said = texts.LITTLE_SPACE.format(path=existing, free=_size(free), needed=_size(least_bytes))
        yield Finding(texts.DISK, Verdict.TROUBLE, said, texts.SPACE_REMEDY.format(logs=state / "logs"))
    else:
        yield Finding(texts.DISK, Verdict.OK, texts.FREE_SPACE.format(path=existing, free=_size(free)))


def check_room(outlook: Outlook, keeping: str) -> Iterator[Finding]:
    """Reports what takes how much room, and when the disk is full."""
    *sentences, last = outlook.sentences
    for sentence in (*sentences, keeping):
        yield Finding(texts.ROOM, Verdict.OK, sentence)
    if outlook.is_soon_full:
        yield Finding(texts.ROOM, Verdict.TROUBLE, last, room_texts.FULL_SOON_REMEDY)
    else:
        yield Finding(texts.ROOM, Verdict.OK, last)


def check_memory(
    is_running: bool, facts: Path = Path("/proc/meminfo"), least: int = LEAST_MEMORY_BYTES
) -> Iterator[Finding]:
    """Checks that the stack has enough memory; a running one has taken its share already."""
    if not facts.exists():
        yield Finding(texts.MEMORY, Verdict.NOTE, texts.MEMORY_UNKNOWN)
        return
    named = dict(line.split(":", 1) for line in facts.read_text().splitlines())
    free = int(named["MemAvailable"].split()[0]) * 1024
    needed = least // 4 if is_running else least
    if free < needed:
        said = texts.LITTLE_MEMORY.format(free=_size(free), needed=_size(needed))
        yield Finding(texts.MEMORY, Verdict.TROUBLE, said, texts.MEMORY_REMEDY)
    else:
        yield Finding(texts.MEMORY, Verdict.OK, texts.FREE_MEMORY.format(free=_size(free)))


def check_key(key: str | None) -> Iterator[Finding]:
    """Checks that a key is set, without showing or sending it."""
    if not key:
        yield Finding(texts.KEY, Verdict.NOTE, texts.KEY_ABSENT, texts.KEY_REMEDY)
    elif not key.startswith("sk-ant-") or key != key.strip():
        yield Finding(texts.KEY, Verdict.TROUBLE, texts.KEY_ODD, texts.KEY_ODD_REMEDY)
    else:
        yield Finding(texts.KEY, Verdict.OK, texts.KEY_SET)


def check_font(folders: tuple[str, ...] = _FONT_FOLDERS) -> Iterator[Finding]:
    """Checks that a browser on this machine can show Korean."""
    for folder in folders:
        for file in Path(folder).expanduser().rglob("*.[to]t[fc]"):
            if file.stem.translate({ord("-"): None, ord("_"): None}).lower().startswith(_KOREAN_FONTS):
                yield Finding(texts.FONT, Verdict.OK, texts.FONT_FOUND.format(name=file.stem))
                return
    yield Finding(texts.FONT, Verdict.NOTE, texts.FONT_ABSENT, texts.FONT_REMEDY)


def check_map(find_missing: Callable[[], list[str]]) -> Iterator[Finding]:
    """Checks that the files of the map exist."""
    missing = find_missing()
    if missing:
        yield Finding(texts.MAP, Verdict.TROUBLE, texts.MAP_MISSING.format(names=", ".join(missing)), texts.MAP_REMEDY)
    else:
        yield Finding(texts.MAP, Verdict.OK, texts.MAP_COMPLETE)


def _troubles(subject: str, obstacles: Iterable[str], remedy: str = "") -> list[Finding]:
    """Returns the findings; without a common remedy, each obstacle ends with its own."""
    parts = ([obstacle, remedy] if remedy else obstacle.split(". ", 1) for obstacle in obstacles)
    return [Finding(subject, Verdict.TROUBLE, *part) for part in parts]


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _size(size_bytes: int) -> str:
    gibibytes = size_bytes / 1024**3
    return f"{gibibytes:.1f} GB" if gibibytes < 100 else f"{gibibytes:.0f} GB"
