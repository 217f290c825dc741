"""MLServer with its LightGBM runtime and our booster, in a separate environment.

It gets encoded rows, validates and stores nothing, and returns only the score.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from prediction_service.model import MODEL_FILE
from scripts.benchmarks.processes import REPOSITORY, Server, answers, free_port, running

_REQUIREMENTS = Path(__file__).with_name("mlserver-requirements.txt")


class EnvironmentMissing(Exception):
    """The environment of MLServer could not be created; the message says why."""


def environment(directory: Path) -> Path:
    """Returns the folder of the environment; creates it on first use. Raises `EnvironmentMissing`."""
    made = directory / "mlserver"
    command = ["scripts/make-environment", str(made), str(_REQUIREMENTS)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EnvironmentMissing(done.stderr.strip()[-1000:])
    return made


def version() -> str:
    """Returns the pinned version."""
    pinned = next(line for line in _REQUIREMENTS.read_text().splitlines() if line.startswith("mlserver=="))
    return pinned.split()[0].replace("==", " ")


@contextmanager
def running_mlserver(directory: Path, environment: Path) -> Iterator[Server]:
    """Yields the server; its URL takes inference requests.

    One process: separate workers would only add a hop. No log line or compression per request, and one OpenMP thread,
    without which it is several times slower.
    """
    folder = directory / "mlserver"
    folder.mkdir()
    shutil.copy(REPOSITORY / "model" / MODEL_FILE, folder)
    http_port = free_port()
    settings = {
        "debug": False,
        "host": "127.0.0.1",
        "http_port": http_port,
        "grpc_port": free_port(),
        "metrics_port": free_port(),
        "parallel_workers": 0,
        "gzip_enabled": False,
    }
    model = {
        "name": "eclo",
        "implementation": "mlserver_lightgbm.LightGBMModel",
        "parameters": {"uri": f"./{MODEL_FILE}"},
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    url = f"http://127.0.0.1:{http_port}/v2/models/eclo"
    with running(
        [str(environment / "bin" / "mlserver"), "start", "."], lambda: answers(f"{url}/ready"),
        log=directory / "mlserver.log", directory=folder, environment={"OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        yield Server(f"{url}/infer", (process.pid,))


def infer_bodies(rows: Sequence[Sequence[float]]) -> list[str]:
    """Returns request bodies of its inference protocol, one row each."""
    return [
        json.dumps({"inputs": [{"name": "rows", "shape": [1, len(row)], "datatype": "FP64", "data": row}]})
        for row in rows
    ]
