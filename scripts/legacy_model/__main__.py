"""Converts the predecessor's model: scripts/import-legacy-model runs this."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from model import train
from prediction_service.model import DESCRIPTION_FILE
from scripts.legacy_model.conversion import INPUT_NAMES, LegacyModel, LegacyModelInvalid, convert, differing

_READER = Path(__file__).with_name("read_pickles.py")


def main() -> None:
    """Reads the three files with the interpreter `--python`, converts them, and compares predictions."""
    parser = argparse.ArgumentParser(prog="import-legacy-model", description=__doc__)
    parser.add_argument("directory", type=Path, help="folder with the predecessor's three files")
    parser.add_argument("--out", type=Path, help="folder to write to (default: converted, in that folder)")
    parser.add_argument("--python", type=Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    out = arguments.out or arguments.directory / "converted"
    pickles = _read_pickles(arguments.python, arguments.directory)
    legacy = LegacyModel(pickles["booster"], pickles["inputs"], pickles["classes"])
    try:
        artefacts = convert(legacy)
        with tempfile.TemporaryDirectory() as trial:
            train.write(artefacts, Path(trial))
            different = differing(Path(trial), legacy, pickles["rows"], pickles["scores"])
        if different:
            raise LegacyModelInvalid(f"{different} of {len(pickles['rows'])} predictions differ from the pickle's.")
    except LegacyModelInvalid as error:
        sys.exit(f"Nothing was written. {error}")
    train.write(artefacts, out)
    description = json.loads(artefacts[DESCRIPTION_FILE])
    print(f"{description['version']} is in {out}; {len(pickles['rows'])} predictions equal the pickle's exactly.")
    for names, note in description["origin"].items():
        print(f"  {names}: {note}")
    print(f"To serve it: PREDICTION_MODEL_DIRECTORY={out.resolve()} ./scripts/up")


def _read_pickles(python: Path, directory: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as made:
        out = Path(made) / "content.json"
        command = [str(python), str(_READER), str(directory), json.dumps(INPUT_NAMES), str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"The files in {directory} cannot be read. {done.stderr.strip()}")
        return dict(json.loads(out.read_text("utf-8")))


if __name__ == "__main__":
    main()
