"""CSV files to upload: a large regular one, and hostile ones that try to exhaust time and memory."""

import io
import random

import pyarrow.csv as pa_csv

from scripts.benchmarks.frames import large_table

FILE_BYTES = 52_428_800
_SAMPLE_ROWS = 20_000


def largest_csv(number: int, encoding: str = "utf-8") -> bytes:
    """Returns a file of the allowed size with accidents in 28 columns; each number gives a different file."""
    out = io.BytesIO()
    pa_csv.write_csv(large_table(_SAMPLE_ROWS, seed=number), out)
    header, _, body = out.getvalue().decode().partition("\n")
    encoded = body.encode(encoding)
    start = f"{header}\n".encode(encoding)
    whole = start + encoded * (FILE_BYTES // len(encoded) + 1)
    return whole[: whole.rindex(b"\n", 0, FILE_BYTES) + 1]


def hostile_files() -> dict[str, bytes]:
    """Returns files of the allowed size that are expensive to read, by description."""
    drawn = random.Random(3)
    words = "\n".join(f"{drawn.getrandbits(128):032x},{drawn.getrandbits(128):032x}" for _ in range(780_000))
    row = ",".join(["1"] * 500)
    return {
        "commas alone": _filled(b"", b","),
        "line ends alone": _filled(b"", b"\n"),
        "quotes alone": _filled(b"", b'"'),
        "a quote that never closes": _filled(b'a,b\n1,"', b"x"),
        "one cell": _filled(b"a\n", b"x"),
        "26 million rows of one digit": _filled(b"a\n", b"1\n"),
        "500 columns of one digit": _filled(
            (",".join(f"c{n}" for n in range(500)) + "\n").encode(), f"{row}\n".encode()
        ),
        "no two cells alike": _filled(b"a,b\n", words.encode() + b"\n"),
        "noise": drawn.randbytes(FILE_BYTES),
    }


def _filled(start: bytes, piece: bytes) -> bytes:
    whole = start + piece * ((FILE_BYTES - len(start)) // len(piece) + 1)
    return whole[:FILE_BYTES]
