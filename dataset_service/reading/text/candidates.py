"""How doubtful lines of a file read in each encoding that it may be in, for people to choose one."""

from dataset_service.reading.text.decoding import MIXED, is_utf8

_CANDIDATES = ("utf-8", "cp949", MIXED)
# The facts of a refusal travel in headers of a call, of at most 8 KiB.
_FIRST, _DAMAGED, _LONGEST = 3, 1, 80
_REPLACEMENT = "\ufffd"


def preview_facts(content: bytes) -> dict[str, str]:
    """Returns facts for a refusal: `encodings`, with the least damage first, and `preview_ENCODING` for each.

    Each preview has the same lines, those with the numbers `lines`, from 1: the first that differ, and one that is
    damaged in the first encoding as well.
    """
    lines = {number: line for number, line in enumerate(content.splitlines(), start=1) if not line.isascii()}
    texts = {encoding: {number: _text(line, encoding) for number, line in lines.items()} for encoding in _CANDIDATES}
    damaged = {name: [number for number in lines if _REPLACEMENT in texts[name][number]] for name in _CANDIDATES}
    best_first = sorted(_CANDIDATES, key=lambda encoding: len(damaged[encoding]))
    shown = sorted({*list(lines)[:_FIRST], *damaged[best_first[0]][:_DAMAGED]})
    previews = {name: "\n".join(texts[name][number][:_LONGEST] for number in shown) for name in best_first}
    return {
        "encodings": ", ".join(best_first),
        "lines": ", ".join(map(str, shown)),
        **{f"preview_{name}": text for name, text in previews.items()},
    }


def _text(line: bytes, encoding: str) -> str:
    if encoding == MIXED:
        encoding = "utf-8" if is_utf8(line) else "cp949"
    return line.decode(encoding, errors="replace")
