"""Decodes the bytes of a file: refuses what is not text, and tells the encoding."""

import codecs
import re
from contextlib import suppress
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
_JUDGED_BYTES, _ENDS_BYTES = 1 << 20, 1 << 14
MIXED = "utf-8+cp949"
"""Each line in UTF-8 or, if it is none, in CP949: files of both put together."""
_LEAD_BYTE = b"\xc0"
_HANGUL = "[가-힣]"
_USUAL_CHARACTER = "[\\t\\n\\r -~\u00a0-\u024f\u1100-\u11ff\u2000-\u33ff가-힣\u4e00-\u9fff\uff00-\uffef]"
_MOSTLY, _TIMES = 0.98, 2
# Bytes that are no text are replaced up to one in so many lines; beyond it, people choose the encoding.
_LINES_A_FAULT, _LINES_A_CHOSEN_FAULT = 1_000, 1
_REPLACING = "replace few"
_END_MARK, _LONGEST_END = b"\x1a", 64
# Escape and the end-of-file mark of DOS also occur in texts.
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f]")
_UTF8_BOM = codecs.BOM_UTF8


class DecodedText(NamedTuple):
    """The text as UTF-8 without a byte order mark, its original encoding, whether that is a guess, and the damage."""

    utf8: bytes
    encoding: str
    is_guess: bool = False
    replaced: int = 0
    """Number of places with bytes that are no text; each is a replacement character now."""


def decode(content: bytes, encoding: str = "") -> DecodedText:
    """Returns the text of a file. An empty `encoding` tries BOM, UTF-8, CP949 and finally a detector.

    Few bytes that are no text are replaced; the end mark of DOS is cut off. Raises `NOT_CSV` for anything but text, and
    `CSV_UNREADABLE` for many bytes that are invalid in the encoding.
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
        decoded = _without_nul(decoded)
    if _UTF8_BOM[:1] in decoded.utf8 and b"\n" + _UTF8_BOM in decoded.utf8:  # files put together
        decoded = decoded._replace(utf8=decoded.utf8.replace(b"\n" + _UTF8_BOM, b"\n"))
    if decoded.utf8[-_LONGEST_END:].rstrip().endswith(_END_MARK):
        return decoded._replace(utf8=decoded.utf8.rstrip(b"\x1a \t\r\n") + b"\n")
    return decoded


def line_of(utf8: bytes, position: int) -> int:
    """Returns the line number, from 1, of a byte offset; lines end with LF, CR LF or CR."""
    return 1 + len(re.findall(rb"\r\n|\n|\r", utf8[:position]))


def _without_nul(decoded: DecodedText) -> DecodedText:
    """Returns a text in which a disk left few NUL characters. Raises `NOT_CSV` or `CSV_UNREADABLE` for many."""
    text = re.sub(rb"(?<=[\r\n])\0+\Z", b"", decoded.utf8)  # behind the last line, it was no text
    runs = len(re.findall(rb"\0+", text))
    fault = _nul_fault(decoded.utf8)
    if fault.reason == "NOT_CSV" or runs > max(1, text.count(b"\n") // _LINES_A_FAULT):
        raise fault
    return decoded._replace(utf8=re.sub(rb"\0+", "\ufffd".encode(), text), replaced=decoded.replaced + runs)


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
    if encoding == MIXED:
        return MIXED
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
        bare = content[len(_UTF8_BOM) :]
        found = DecodedText(bare, "utf-8") if is_utf8(bare) else _find_out(bare)
        is_marked = found.encoding == "utf-8"
        return found._replace(encoding="utf-8-sig") if is_marked else found._replace(is_guess=True)
    if b"\0" in content[:_JUDGED_BYTES] and (wide := _unmarked_utf16(content)) is not None:
        return wide
    if is_utf8(content):
        return DecodedText(content, "utf-8")
    if any(content[-cut : 1 - cut or None] >= _LEAD_BYTE and is_utf8(content[:-cut]) for cut in (1, 2, 3)):  # cut off
        return _replacing(content, "utf-8", lines_a_fault=_LINES_A_FAULT)
    try:
        text = content.decode("cp949")
    except UnicodeDecodeError as error:
        if b"\0" in content[:_JUDGED_BYTES]:  # no supported encoding without a mark has NUL
            raise CsvRefused("NOT_CSV", "The file holds NUL characters: it is binary.", found="binary") from error
        return _damaged_korean(content) or _guess(content)
    if _is_mixed(content):
        return _by_lines(content)
    if not any(_is_common_hangul(match[0]) for match in re.finditer("[^\0-\x7f]", text[:_JUDGED_BYTES])):
        guess = charset_normalizer.from_bytes(content[:_JUDGED_BYTES], cp_isolation=["cp1252", "cp949"]).best()
        if guess is not None and guess.encoding == "cp1252":
            return _decode_as(content, "cp1252")._replace(is_guess=True)
    return DecodedText(text.encode(), "cp949")


def _is_common_hangul(letter: str) -> bool:
    """Tells whether a character is in EUC-KR. What CP949 adds hardly occurs, and has bytes that others use."""
    try:
        return len(letter.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False


def _unmarked_utf16(content: bytes) -> DecodedText | None:
    """Returns the text of UTF-16 without a mark: two bytes a line end, and hardly any character but usual ones."""
    for encoding, line_end in (("utf-16-le", b"\n\0"), ("utf-16-be", b"\0\n")):
        if content.count(line_end) * 2 > content.count(b"\n"):
            text = content.decode(encoding, errors="replace")
            judged = text[:_JUDGED_BYTES]
            # Two Latin letters read as one character are most often a Chinese one.
            usual, ideographs = len(re.findall(_USUAL_CHARACTER, judged)), len(re.findall("[\u4e00-\u9fff]", judged))
            is_likely = usual >= _MOSTLY * len(judged) and ideographs < len(judged) / 3
            if "\0" not in text and is_likely and re.search("[,;\t|]", judged):
                return _decode_as(content, encoding)
    return None


def _damaged_korean(content: bytes) -> DecodedText | None:
    """Returns Korean text with few invalid bytes; None for text in another encoding. Raises `CSV_UNREADABLE`."""
    judged = content[:_JUDGED_BYTES]
    heads = {encoding: judged.decode(encoding, errors="replace") for encoding in ("utf-8", "cp949")}
    encoding = min(heads, key=lambda name: _damage(heads[name]))
    hangul = sum(map(_is_common_hangul, re.findall(_HANGUL, heads[encoding])))
    if hangul <= _damage(heads[encoding]):
        return None
    if _is_mixed(content):
        return _by_lines(content)
    return _replacing(content, encoding, lines_a_fault=_LINES_A_FAULT)


def _replacing(content: bytes, encoding: str, *, lines_a_fault: int) -> DecodedText:
    """Returns text with invalid bytes replaced. Raises `CSV_UNREADABLE` for more than one in so many lines."""
    most = max(1, (content.count(b"\n") + 1) // lines_a_fault)
    faults: list[tuple[int, int]] = []

    def replace(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        if not faults or faults[-1][1] < error.start:
            faults.append((error.start, error.end))
        else:
            faults[-1] = (faults[-1][0], error.end)
        if len(faults) > most:
            raise _fault(content, encoding)
        return "\ufffd", error.end

    if encoding.startswith("utf-16"):
        if not (content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:_JUDGED_BYTES]):
            raise _fault(content, encoding)
        if len(content) % 2:  # cut off in a character
            return _decode_as(content[:-1], encoding)._replace(replaced=1)
    codecs.register_error(_REPLACING, replace)
    text = content.decode(encoding, errors=_REPLACING).removeprefix("\ufeff")
    if encoding == "utf-8" and all(_is_cp949(_line_at(content, start)) for start, _ in faults):
        return _by_lines(content)
    return DecodedText(text.encode(), encoding, replaced=len(faults))


def _line_at(content: bytes, position: int) -> bytes:
    end = content.find(b"\n", position)
    return content[content.rfind(b"\n", 0, position) + 1 : end if end >= 0 else len(content)]


def _is_cp949(line: bytes) -> bool:
    """Tells whether a line is Korean in CP949 and not, with damage, in UTF-8."""
    try:
        hangul = sum(map(_is_common_hangul, re.findall(_HANGUL, line.decode("cp949"))))
    except UnicodeDecodeError:
        return False
    return hangul > _TIMES * len(re.findall(_HANGUL, line.decode(errors="replace")))


def _damage(text: str) -> int:
    return len(re.findall("\ufffd+", text))


def _is_mixed(content: bytes) -> bool:
    """Tells whether the first or last lines are Korean in two encodings, as when files are put together."""
    lines = [*content[:_ENDS_BYTES].split(b"\n")[:-1], *content[-_ENDS_BYTES:].split(b"\n")[1:]]
    korean = [line for line in lines if not line.isascii()]
    in_utf8 = [is_utf8(line) and bool(re.search(_HANGUL, line.decode())) for line in korean]
    return any(in_utf8) and any(_is_cp949(line) for line in korean)


def _by_lines(content: bytes) -> DecodedText:
    """Returns the text with each line in UTF-8 or, if it is none, in CP949."""
    texts = []
    for line in content.splitlines(keepends=True):
        try:
            texts.append(line.decode("utf-8-sig"))
        except UnicodeDecodeError:
            texts.append(line.decode("cp949", errors="replace"))
    text = "".join(texts)
    return DecodedText(text.encode(), MIXED, replaced=_damage(text))


def _guess(content: bytes) -> DecodedText:
    if not re.search(b"[\x80-\xff]{2}", content):  # letters of two bytes would stand side by side
        with suppress(UnicodeDecodeError):
            return DecodedText(content.decode("cp1252").encode(), "cp1252", is_guess=True)
    guess = charset_normalizer.from_bytes(content[:_JUDGED_BYTES], cp_isolation=list(_GUESSES)).best()
    if guess is None or guess.encoding not in _GUESSES:
        faults = [_fault(content, encoding) for encoding in ("utf-8", "cp949")]
        raise max(faults, key=lambda fault: int(fault.facts["line"]))  # the encoding that got further is more likely
    return _decode_as(content, guess.encoding)._replace(is_guess=True)


def _decode_as(content: bytes, encoding: str) -> DecodedText:
    if encoding == MIXED:
        return _by_lines(content)
    if encoding in ("utf-8", "utf-8-sig"):
        has_mark = content.startswith(_UTF8_BOM)
        encoding = "utf-8-sig" if has_mark else "utf-8"
        content = content[len(_UTF8_BOM) :] if has_mark else content
        if is_utf8(content):
            return DecodedText(content, encoding)
    content = content.removeprefix(_UTF8_BOM)  # an editor may have put it before text in another encoding
    try:
        return DecodedText(content.decode(encoding).removeprefix("\ufeff").encode(), encoding)
    except UnicodeDecodeError:
        # What is no UTF-16 at all has few lines of it, and no single bytes that are damaged.
        is_wide = encoding.startswith("utf-16")
        return _replacing(content, encoding, lines_a_fault=_LINES_A_FAULT if is_wide else _LINES_A_CHOSEN_FAULT)


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
