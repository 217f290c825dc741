"""Writes the lock files, each without the pins of the file that it begins with: `./scripts/lock`."""

import argparse
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_PRODUCT, _LOCAL = "requirements.txt", "requirements-local.txt"
# The file that each one begins with, and the optional dependencies of pyproject.toml that both contain together.
LAYERS: dict[str, tuple[str, tuple[str, ...]]] = {
    _PRODUCT: ("", ()),
    "requirements-tracing.txt": (_PRODUCT, ("tracing",)),
    _LOCAL: (_PRODUCT, ("local",)),
    "requirements-dev.txt": (_LOCAL, ("local", "tracing", "dev")),
}
_PIN = re.compile(r"^[^\s#-].*(?:\n    .*)*\n", re.MULTILINE)


def pins(name: str) -> list[str]:
    """Returns the pins of a lock file and of those it begins with, each with its hashes."""
    below = LAYERS[name][0]
    return sorted([*_PIN.findall((_REPOSITORY / name).read_text()), *(pins(below) if below else ())])


def main(options: Sequence[str]) -> None:
    """Resolves everything together, so that all files agree, and then each file within that."""
    outermost = list(LAYERS)[-1]
    with tempfile.TemporaryDirectory() as made:
        together = Path(made) / "together"
        together.write_text("".join(pins(outermost)))  # uv keeps the pins of the file it writes to
        _resolve(LAYERS[outermost][1], together, *options)
        resolved = {}
        for name, (_, extras) in LAYERS.items():
            _resolve(extras, Path(made) / name, "-c", str(together))
            resolved[name] = _PIN.findall((Path(made) / name).read_text())
    for name, (below, _) in LAYERS.items():
        own = [pin for pin in resolved[name] if not below or pin not in resolved[below]]
        (_REPOSITORY / name).write_text((f"-r {below}\n" if below else "") + "".join(own))


def _resolve(extras: Sequence[str], out: Path, *options: str) -> None:
    command = [
        str(_REPOSITORY / ".venv" / "bin" / "uv"), "pip", "compile", "pyproject.toml", "--universal", "-o", str(out),
        "--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "--quiet", *options,
        *(f"--extra={extra}" for extra in extras),
    ]  # fmt: skip
    subprocess.run(command, cwd=_REPOSITORY, check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="takes the newest versions of all packages")
    parser.add_argument(
        "--upgrade-package", action="append", default=[], help="takes the newest version of one package"
    )
    given = parser.parse_args()
    upgrades = [f"--upgrade-package={name}" for name in given.upgrade_package]
    main([*(["--upgrade"] if given.upgrade else []), *upgrades])
