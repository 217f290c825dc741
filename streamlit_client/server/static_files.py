"""Serves scripts and styles of packages compressed.

`python -m streamlit_client.server.static_files` compresses them once, when the environment is set up. A copy is named
after the hash of its original, so it is never served for another file. Without a copy, the file is served uncompressed.
"""

import argparse
import gzip
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

from streamlit_client.server import map_assets

FOLDER = Path(sys.prefix) / "share" / "daegu-static-files"
"""The copies are stored in the environment, like the packages."""
# In order of preference. Browsers accept brotli only over HTTPS or from localhost.
_ENCODINGS = ("br", "gzip")
_MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_LEAST_BYTES = 200
_NAMED_BY_CONTENT = re.compile(r"\.[\w-]{8}\.\w+$")
_REFUSED = re.compile(r";\s*q=0(\.0*)?\s*$")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file with compressed copies, by encoding."""

    headers: Mapping[str, str]
    copies: Mapping[str, Path]

    def choose_encoding(self, accepted: str) -> str | None:
        """Returns the best encoding that an Accept-Encoding header allows; None for uncompressed."""
        allowed = allowed_encodings(accepted)
        return next((name for name in _ENCODINGS if name in allowed and name in self.copies), None)


def allowed_encodings(accepted: str) -> set[str]:
    """Returns the encodings that an Accept-Encoding header allows."""
    return {part.partition(";")[0].strip() for part in accepted.lower().split(",") if not _REFUSED.search(part)}


def page_answer(compressed: bytes, accepted: str, headers: Mapping[str, str]) -> Response:
    """Returns a gzip-compressed HTML page, decompressed unless the Accept-Encoding header allows gzip."""
    headers = {**headers, "Vary": "Accept-Encoding"}
    if "gzip" in allowed_encodings(accepted):
        headers["Content-Encoding"] = "gzip"
        return Response(compressed, headers=headers, media_type="text/html")
    return Response(gzip.decompress(compressed), headers=headers, media_type="text/html")


class StaticFilesMiddleware:
    """Serves `files` by path; passes other requests, and unreadable files, to the app."""

    def __init__(self, app: ASGIApp, files: Mapping[str, StaticFile]) -> None:
        self._app = app
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the best copy that the browser accepts, or 304."""
        answer = await self._find_answer(scope) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)

    async def _find_answer(self, scope: Scope) -> Response | None:
        file = self._files.get(scope["path"])
        if file is None or scope["method"] not in ("GET", "HEAD"):
            return None
        asked = Headers(scope=scope)
        encoding = file.choose_encoding(asked.get("accept-encoding", ""))
        if encoding is None:
            return None
        etag = f'"{file.copies[encoding].name}"'
        headers = {**file.headers, "Content-Encoding": encoding, "Vary": "Accept-Encoding", "ETag": etag}
        if etag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        try:
            content = await run_in_threadpool(file.copies[encoding].read_bytes)
        except OSError:
            return None
        return Response(content, headers=headers)


def find_static_files(folder: Path = FOLDER) -> Mapping[str, StaticFile]:
    """Returns the files with copies in the folder, by their path on the page's server."""
    files = {}
    for path, content in _originals():
        copies = {name: copy for name, copy in _copies(folder, content).items() if copy.is_file()}
        if copies:
            keep = "public, immutable, max-age=31536000" if _NAMED_BY_CONTENT.search(path) else "no-cache"
            media_type = _MEDIA_TYPES[Path(path).suffix]
            files[path] = StaticFile({"Content-Type": media_type, "Cache-Control": keep}, copies)
    return files


def prepare(folder: Path = FOLDER) -> int:
    """Writes the missing copies, and returns their number. Files that every visitor loads are compressed most."""
    document = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)

    def write(path: str, content: bytes) -> int:
        missing = {name: copy for name, copy in _copies(folder, content).items() if not copy.exists()}
        for encoding, copy in missing.items():
            if encoding == "br":
                compressed = brotli.compress(content, quality=11 if Path(path).name in document else 9)
            else:
                compressed = gzip.compress(content, mtime=0)
            unfinished = copy.with_suffix(f"{copy.suffix}.unfinished")
            unfinished.write_bytes(compressed)
            unfinished.replace(copy)
        return len(missing)

    with ThreadPoolExecutor() as pool:  # both compressors release the GIL
        return sum(pool.map(lambda original: write(*original), _originals()))


def _originals() -> Iterator[tuple[str, bytes]]:
    root = Path(file_util.get_static_dir())
    for path in sorted((root / "static").rglob("*")):
        if path.suffix in _MEDIA_TYPES and path.stat().st_size >= _LEAST_BYTES:
            yield f"/{path.relative_to(root).as_posix()}", path.read_bytes()
    yield from map_assets.contents()


def _copies(folder: Path, content: bytes) -> Mapping[str, Path]:
    digest = hashlib.sha256(content).hexdigest()[:32]
    return {name: folder / f"{digest}.{name}" for name in _ENCODINGS}


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    prepare()
