"""A multipart form whose file is passed on while it arrives: the gateway never holds the whole file."""

import codecs
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.dataset_upload import CHUNK_BYTES
from gateway.errors import ApiError, FieldDetail
from gateway.texts import field_text

FILE_FIELD, NAME_FIELD, DESCRIPTION_FIELD = "file", "name", "description"
_HOLD_SECONDS = 1.0
_LONGEST_FIELD_BYTES = 16 * 1024
_MOST_PARTS = 10
# Linear in the length, which the client chooses; email.message is quadratic.
_EXTENDED_NAME = re.compile(rb"(?:^|;)\s*filename\*\s*=\s*\"?([a-z0-9_-]*)'[^';]*'([^;\"]*)", re.IGNORECASE)

Read = Callable[[], Awaitable[bytes]]
"""Returns the next bytes of a body; empty at its end."""


@dataclass(slots=True)
class _Part:
    name: str = ""
    file_name: str | None = None
    value: bytearray = field(default_factory=bytearray)


class UploadForm:
    """Reads a form with one file. `fields` has the other parts received so far, `file_name` the name of the file.

    Raises `ApiError`: FORM_MALFORMED if it cannot be parsed, FIELDS_INVALID without a file.
    """

    def __init__(self, content_type: bytes, read: Read, hold_seconds: float = _HOLD_SECONDS) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if not 0 < len(boundary) <= 200:
            raise ApiError("FORM_MALFORMED")
        self._read = read
        self._hold_seconds = hold_seconds
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )
        self._part = _Part()
        self._header = (bytearray(), bytearray())
        self._parts = 0
        self._file_bytes = bytearray()
        self._is_complete = False
        self.file_name: str | None = None
        self.fields: dict[str, str] = {}

    async def wait_for_file(self) -> str:
        """Reads until the file begins and returns its name."""
        while self.file_name is None and await self._feed():
            pass
        if self.file_name is None:
            raise ApiError("FIELDS_INVALID", [FieldDetail(FILE_FIELD, field_text("MISSING"))])
        return self.file_name

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yields the bytes of the file in chunks of at most 1 MiB, and reads the form to its end.

        Chunks are smaller when the file arrives slowly: nothing is held back to fill one.
        """
        more = True
        while more or self._file_bytes:
            held_until = time.monotonic() + self._hold_seconds
            while more and len(self._file_bytes) < CHUNK_BYTES:
                more = await self._feed()
                if time.monotonic() > held_until:
                    break
            if self._file_bytes:
                yield bytes(self._file_bytes[:CHUNK_BYTES])
                del self._file_bytes[:CHUNK_BYTES]
        if not self._is_complete:
            raise ApiError("FORM_MALFORMED")

    async def _feed(self) -> bool:
        data = await self._read()
        try:
            self._parser.write(data) if data else self._parser.finalize()
        except FormParserError:
            raise ApiError("FORM_MALFORMED") from None
        return bool(data)

    def _begin_part(self) -> None:
        self._part = _Part()
        self._header = (bytearray(), bytearray())
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise ApiError("FORM_MALFORMED")

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_header(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._header = (bytearray(), bytearray())
        if name.lower() == b"content-disposition":
            _, options = parse_options_header(value)
            self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
            plain = _decoded(options[b"filename"]) if b"filename" in options else None
            self._part.file_name = _extended_file_name(value) or plain

    def _end_headers(self) -> None:
        if self._part.name != FILE_FIELD:
            return
        if self._part.file_name is None or self.file_name is not None:
            raise ApiError("FIELDS_INVALID", [FieldDetail(FILE_FIELD, field_text("FILE_EXPECTED"))])
        self.file_name = self._part.file_name

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == FILE_FIELD:
            self._file_bytes.extend(data[start:end])
            return
        self._part.value.extend(data[start:end])
        if len(self._part.value) > _LONGEST_FIELD_BYTES:
            detail = FieldDetail(self._part.name[:50], field_text("TEXT_TOO_LONG", [str(_LONGEST_FIELD_BYTES)]))
            raise ApiError("FIELDS_INVALID", [detail])

    def _end_part(self) -> None:
        if self._part.name != FILE_FIELD:
            self.fields[self._part.name] = self._part.value.decode("utf-8", "replace")

    def _end(self) -> None:
        self._is_complete = True


def _extended_file_name(disposition: bytes) -> str | None:
    """Returns the name in `filename*=charset''…`, not allowed in forms, but sent by many programs for Korean names."""
    found = _EXTENDED_NAME.search(disposition)
    if found is None:
        return None
    charset = found[1].decode() or "utf-8"
    with suppress(LookupError, ValueError):  # an unknown charset
        is_korean = codecs.lookup(charset).name == "euc_kr"  # in practice Windows' superset of it
        return unquote_to_bytes(found[2]).decode("cp949" if is_korean else charset, "replace").strip()
    return None


def _decoded(file_name: bytes) -> str:
    try:
        return file_name.decode()
    except UnicodeDecodeError:
        return file_name.decode("cp949", "replace")  # Korean Windows
