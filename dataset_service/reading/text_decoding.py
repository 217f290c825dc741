"""Decodes the bytes of a file: refuses what is not text, and tells the encoding."""

import codecs
import re
from typing import NamedTuple

import charset_normalizer
import numpy as np
import pyarrow as pa

from dataset_service.errors import CsvRefused

# Files often renamed to .csv, by their first bytes.
_BINARY_STARTS = {
    b"PK\x03\x04": "xlsx or zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "xls",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF8": "gif",
    b"%PDF": "pdf",
    b"SQLite format 3": "sqlite",
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\x7fELF": "program",
}
_TAR_MARK_AT = 257
_TEXT_STARTS = {
    # A CSV header may begin with [0,10) or <table>: only numbers are JSON, and a tag is HTML only if another follows.
    "json": re.compile(rb'\s*(?:\{\s*["}]|\[\s*(?:[\[{"\]]|-?\d[-+\d.,eE\s]*\]\s*\Z))'),
    "html": re.compile(rb"\s*<(?:!doctype|(?:html|head|body|table)\b[^<>]*>\s*<)", re.IGNORECASE),
    "xml": re.compile(rb"\s*<\?xml\b", re.IGNORECASE),
    "rtf": re.compile(rb"\s*\{\\rtf"),
}
# Allowed encodings by Python's name, and the one used: CP949 is a superset of EUC-KR.
_READ_AS = {
    "ascii": "utf-8",
    "euc_kr": "cp949",
    **{name: name for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949", "johab")},
    **{name: name for name in ("cp932", "shift_jis", "euc_jp", "gb18030", "gbk", "big5", "cp950", "cp1252")},
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
}
_GUESSES = ("cp932", "euc_jp", "gb18030", "big5", "johab", "cp1252")
_JUDGED_BYTES = 1 << 20
# Escape and the end-of-file mark of DOS also occur in texts.
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f]")
_KOREAN_TO_WRONG = 5
_UTF8_BOM = codecs.BOM_UTF8


class DecodedText(NamedTuple):
    """The text as UTF-8 without a byte order mark, its original encoding, and whether that is a guess."""

    utf8: bytes
    encoding: str
    is_guess: bool = False


def decode(content: bytes, encoding: str = "") -> DecodedText:
    """Returns the text of a file. An empty `encoding` tries BOM, UTF-8, CP949 and finally a detector.

    Raises `NOT_CSV` for anything but text, and `CSV_UNREADABLE` for bytes that are invalid in the encoding.
    """
    for start, found in _BINARY_STARTS.items():
        if content.startswith(start):
            raise CsvRefused("NOT_CSV", f"The file is {found}, not CSV.", found=found)
    if content.startswith(b"ustar", _TAR_MARK_AT):
        raise CsvRefused("NOT_CSV", "The file is tar, not CSV.", found="tar")
    decoded = _decode_as(content, _known(encoding)) if encoding else _find_out(content)
    for found, pattern in _TEXT_STARTS.items():
        if pattern.match(decoded.utf8):
            raise CsvRefused("NOT_CSV", f"The file is {found}, not CSV.", found=found)
    if b"\0" in decoded.utf8:
        raise _nul_fault(decoded.utf8)
    return decoded


def line_of(utf8: bytes, position: int) -> int:
    """Returns the line number, from 1, of a byte offset; lines end with LF, CR LF or CR."""
    return 1 + len(re.findall(rb"\r\n|\n|\r", utf8[:position]))


def _nul_fault(utf8: bytes) -> CsvRefused:
    """Returns the error for a file with NUL characters: a damaged text with the line, or not a text."""
    head = np.frombuffer(utf8[:_JUDGED_BYTES], np.uint8)
    is_nul = head == 0
    stretches = np.count_nonzero(is_nul & ~np.append(False, is_nul[:-1]))
    # A damaged text has few runs of NUL, though long ones if a disk lost the end of the file. UTF-16 and UTF-32 without
    # a mark have NUL next to every Latin letter.
    if _CONTROLS.search(utf8) or 2 * stretches > np.count_nonzero(~is_nul):
        return CsvRefused(
            "NOT_CSV", "The file holds NUL characters: it is binary, or in another encoding.", found="binary"
        )
    line = line_of(utf8, utf8.index(b"\0"))
    return CsvRefused("CSV_UNREADABLE", f"Line {line} holds a NUL character.", problem="NUL", line=str(line))


def _known(encoding: str) -> str:
    try:
        return _READ_AS[codecs.lookup(encoding).name]
    except (LookupError, ValueError):
        raise CsvRefused(
            "CSV_UNREADABLE",
            f"{encoding!r} is no encoding that can be read. Known are: {', '.join(sorted(_READ_AS))}.",
            problem="ENCODING_UNKNOWN",
            encoding=encoding[:40],
        ) from None


def _find_out(content: bytes) -> DecodedText:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as(content, "utf-16")
    if content.startswith(_UTF8_BOM):
        return _decode_as(content, "utf-8-sig")
    if is_utf8(content):
        return DecodedText(content, "utf-8")
    try:
        return DecodedText(content.decode("cp949").encode(), "cp949")
    except UnicodeDecodeError as error:
        if b"\0" in content[:_JUDGED_BYTES]:  # no supported encoding without a mark has NUL
            raise CsvRefused("NOT_CSV", "The file holds NUL characters: it is binary.", found="binary") from error
        for encoding in ("utf-8", "cp949"):
            if _is_damaged(content, encoding):
                raise _fault(content, encoding) from error
        return _guess(content)


def _is_damaged(content: bytes, encoding: str) -> bool:
    """Tells whether this is Korean text with a few invalid bytes, as opposed to text in another encoding."""
    text = content[:_JUDGED_BYTES].decode(encoding, errors="replace")
    return len(re.findall("[가-힣]", text)) > _KOREAN_TO_WRONG * text.count("\ufffd")


def _guess(content: bytes) -> DecodedText:
    guess = charset_normalizer.from_bytes(content[:_JUDGED_BYTES], cp_isolation=list(_GUESSES)).best()
    if guess is None or guess.encoding not in _GUESSES:
        faults = [_fault(content, encoding) for encoding in ("utf-8", "cp949")]
        raise max(faults, key=lambda fault: int(fault.facts["line"]))  # the encoding that got further is more likely
    return _decode_as(content, guess.encoding)._replace(is_guess=True)


def _decode_as(content: bytes, encoding: str) -> DecodedText:
    if encoding in ("utf-8", "utf-8-sig"):
        has_mark = content.startswith(_UTF8_BOM)
        utf8 = content[len(_UTF8_BOM) :] if has_mark else content
        if not is_utf8(utf8):
            raise _fault(content, "utf-8")
        return DecodedText(utf8, "utf-8-sig" if has_mark else "utf-8")
    try:
        return DecodedText(content.decode(encoding).removeprefix("\ufeff").encode(), encoding)
    except UnicodeDecodeError:
        raise _fault(content, encoding) from None


def is_utf8(content: bytes) -> bool:
    """Tells whether the bytes are valid UTF-8; ten times as fast as decoding them."""
    offsets = pa.py_buffer(b"\0\0\0\0" + len(content).to_bytes(4, "little"))
    try:
        pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(content)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _fault(content: bytes, encoding: str) -> CsvRefused:
    line = 1
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        line += content.count(b"\n", 0, error.start)
    return CsvRefused(
        "CSV_UNREADABLE",
        f"Line {line} holds bytes that are no {encoding} text.",
        problem="ENCODING",
        line=str(line),
        encoding=encoding,
    )
