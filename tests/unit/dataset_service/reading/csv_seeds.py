"""CSV files of every sort that people and their programs make, and what must become of each."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Read:
    """The file is read: these columns, rows (missing cells are None), and reasons of warnings."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    warnings: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Refused:
    """The file is refused; the facts hold at least these."""

    reason: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Seed:
    """A file and what must become of it."""

    name: str
    content: bytes
    expected: Read | Refused


def unreadable(problem: str, **facts: Any) -> Refused:
    return Refused("CSV_UNREADABLE", (("problem", problem), *((name, str(value)) for name, value in facts.items())))


def not_csv(found: str) -> Refused:
    return Refused("NOT_CSV", (("found", found),))


AB = ("a", "b")
REPLACED, SHORT = frozenset({"BYTES_REPLACED"}), frozenset({"ROWS_SHORT"})
ONE_ROW = Read(AB, (("1", "2"),))
TWO_ROWS = Read(AB, (("1", "2"), ("3", "4")))
KOREAN = Read(("구", "사고수"), (("중구", "1"), ("수성구", "2")))
KOREAN_TEXT = "구,사고수\n중구,1\n수성구,2\n"
NFD_JUNG, NFD_GU = "\u110c\u116e\u11bc", "\u1100\u116e"  # 중 and 구 in separate letters


def _zip_of(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "<x/>")
    return buffer.getvalue()


def _tar_of(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


def _encoded(text: str, encoding: str, expected_encoding: str | None = None) -> Seed:
    warnings = KOREAN.warnings
    expected = Read(KOREAN.columns, KOREAN.rows, expected_encoding or encoding, ",", warnings)
    return Seed(f"Korean in {encoding}", text.encode(encoding), expected)


def _nothing() -> Iterator[Seed]:
    yield Seed("empty", b"", unreadable("EMPTY"))
    yield Seed("blanks and tabs", b" \t \n  \n", unreadable("EMPTY"))
    yield Seed("only a UTF-8 mark", b"\xef\xbb\xbf", unreadable("EMPTY"))
    yield Seed("only a UTF-16 mark", b"\xff\xfe", unreadable("EMPTY"))
    yield Seed("header only", b"a,b\n", unreadable("NO_ROWS"))
    yield Seed("header without its line end", b"a,b", unreadable("NO_ROWS"))
    yield Seed("header and blank lines", b"a,b\n\n\n", unreadable("NO_ROWS"))
    yield Seed("header and rows without values", b"a,b\n,\n,\n", unreadable("NO_ROWS"))
    yield Seed("delimiters only", b",,\n,,\n", unreadable("EMPTY"))


def _line_ends() -> Iterator[Seed]:
    yield Seed("LF", b"a,b\n1,2\n3,4\n", TWO_ROWS)
    yield Seed("CR LF", b"a,b\r\n1,2\r\n3,4\r\n", TWO_ROWS)
    yield Seed("CR only", b"a,b\r1,2\r3,4\r", TWO_ROWS)
    yield Seed("mixed line ends", b"a,b\r\n1,2\n3,4\r", TWO_ROWS)
    yield Seed("no line end at the end", b"a,b\n1,2\n3,4", TWO_ROWS)
    yield Seed("blank lines between", b"a,b\n\n1,2\n\n\n3,4\n\n", TWO_ROWS)
    yield Seed("blank lines first", b"\n\na,b\n1,2\n3,4\n", TWO_ROWS)
    yield Seed("vertical tab and form feed in a cell", b"a,b\n1\x0bx,2\x0cy\n", Read(AB, (("1\x0bx", "2\x0cy"),)))
    yield Seed("unicode line separator in a cell", "a,b\n1\u2028x,2\n".encode(), Read(AB, (("1\u2028x", "2"),)))


def _encodings() -> Iterator[Seed]:
    yield _encoded(KOREAN_TEXT, "utf-8")
    yield _encoded(KOREAN_TEXT, "utf-8-sig")
    yield _encoded(KOREAN_TEXT, "cp949")
    yield _encoded(KOREAN_TEXT, "euc_kr", "cp949")
    yield _encoded(KOREAN_TEXT, "utf-16")
    utf16 = Read(KOREAN.columns, KOREAN.rows, "utf-16")
    yield Seed("UTF-16 big endian with mark", b"\xfe\xff" + KOREAN_TEXT.encode("utf-16-be"), utf16)
    yield _encoded(KOREAN_TEXT, "utf-16-le")
    yield _encoded(KOREAN_TEXT, "utf-16-be")
    yield Seed("UTF-32", KOREAN_TEXT.encode("utf-32"), not_csv("binary"))
    yield Seed(
        "CP949 beyond EUC-KR",
        "이름,값\n똠방각하,1\n햏자,2\n".encode("cp949"),
        Read(("이름", "값"), (("똠방각하", "1"), ("햏자", "2")), "cp949"),
    )
    yield Seed(
        "one short CP949 cell",
        "a,b\n한,1\n".encode("cp949"),
        Read(AB, (("한", "1"),), "cp949"),
    )
    yield Seed(
        "UTF-8 broken in the third line",
        "구,값\n중구,1\n".encode() + b"\xed\x95,2\n",
        Read(("구", "값"), (("중구", "1"), ("\ufffd", "2")), warnings=REPLACED),
    )
    yield Seed(
        "CP949 broken in the fourth line",
        "시군구,값\n수성구 만촌동,1\n달서구 상인동,2\n".encode("cp949") + b"\xff\xff,3\n",
        Read(
            ("시군구", "값"),
            (("수성구 만촌동", "1"), ("달서구 상인동", "2"), ("\ufffd\ufffd", "3")),
            "cp949",
            warnings=REPLACED,
        ),
    )
    yield Seed(
        "CP949 broken on two of four lines",
        "시군구,값\n수성구 만촌동,1\n달서구 상인동".encode("cp949") + b"\xff,2\n\xff\xff,3\n",
        unreadable("ENCODING", line=3, encoding="cp949"),
    )
    yield Seed(
        "UTF-8 first, CP949 later",
        ("구,값\n" + "수성구 만촌동,1\n" * 50).encode() + "남구,2\n".encode("cp949"),
        Read(
            ("구", "값"),
            (*(("수성구 만촌동", "1"),) * 50, ("남구", "2")),
            "utf-8+cp949",
            warnings=frozenset({"ENCODINGS_MIXED"}),
        ),
    )
    korean = "이름,값\n수성구 만촌동 대구광역시,1\n".encode()
    yield Seed(
        "surrogate in UTF-8",
        korean + b"\xed\xa0\x80,1\n",
        Read(("이름", "값"), (("수성구 만촌동 대구광역시", "1"), ("\ufffd" * 3, "1")), warnings=REPLACED),
    )
    yield Seed(
        "French in CP1252",
        "ville,état\nSète,très joli\nNîmes,élevé à l'été\nBéziers,été où c'était\n".encode("cp1252"),
        Read(
            ("ville", "état"),
            (("Sète", "très joli"), ("Nîmes", "élevé à l'été"), ("Béziers", "été où c'était")),
            "cp1252",
            warnings=frozenset({"ENCODING_GUESSED"}),
        ),
    )
    yield Seed("bytes of no text", b"a,b\n" + bytes(range(128, 256)) + b",1\n", unreadable("ENCODING", line=2))
    yield Seed(
        "a mark and half a letter",
        b"\xef\xbb\xbfa,b\n\xea\xb0\x80,\xea\xb0\n",
        Read(AB, (("가", "\ufffd"),), "utf-8-sig", warnings=REPLACED),
    )
    yield Seed(
        "UTF-16 with half a surrogate",
        b"\xff\xfe" + "a,b\n1,".encode("utf-16-le") + b"\x00\xd8" + b"\n\0",
        Read(AB, (("1", "\ufffd"),), "utf-16", warnings=REPLACED),
    )
    yield Seed(
        "UTF-16 with half a character",
        b"\xff\xfe" + "a,b\n1,2".encode("utf-16-le") + b"3",
        Read(AB, ONE_ROW.rows, "utf-16", warnings=REPLACED),
    )
    yield Seed("emoji", "a,b\n🚗,👩‍👩‍👧\n".encode(), Read(AB, (("🚗", "👩‍👩‍👧"),)))
    yield Seed("mark in the middle", "a,b\n1\ufeff,2\n".encode(), Read(AB, (("1\ufeff", "2"),)))
    yield Seed("two marks", b"\xef\xbb\xbf\xef\xbb\xbfa,b\n1,2\n", Read(AB, (("1", "2"),), "utf-8-sig"))
    yield Seed(
        "Hangul in separate letters",
        f"{NFD_GU},값\n{NFD_JUNG}{NFD_GU},1\n중구,2\n".encode(),
        Read(("구", "값"), (("중구", "1"), ("중구", "2")), warnings=frozenset({"TEXT_COMPOSED"})),
    )
    yield Seed(
        "header alone in separate letters",
        f"{NFD_GU},값\n가,1\n".encode(),
        Read(("구", "값"), (("가", "1"),)),
    )


def _others() -> Iterator[Seed]:
    yield Seed("xlsx", _zip_of("xl/workbook.xml"), not_csv("xlsx or zip"))
    yield Seed("empty zip", b"PK\x05\x06" + b"\0" * 18, not_csv("zip"))
    yield Seed("tar", _tar_of("a.csv"), not_csv("tar"))
    yield Seed("gzip", gzip.compress(b"a,b\n1,2\n"), not_csv("gzip"))
    yield Seed("png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20, not_csv("png"))
    yield Seed("JSON object", b'{"a": [1, 2]}', not_csv("json"))
    yield Seed("JSON array of numbers", b"[1, 2, 3]", not_csv("json"))
    yield Seed("JSON lines", b'{"a": 1}\n{"a": 2}\n', not_csv("json"))
    yield Seed("empty JSON", b" []\n", not_csv("json"))
    yield Seed("JSON with a mark", b'\xef\xbb\xbf{"a":1}', not_csv("json"))
    yield Seed("HTML", b"<!DOCTYPE html>\n<html><body>404</body></html>", not_csv("html"))
    yield Seed("XML", b'<?xml version="1.0"?><a/>', not_csv("xml"))
    yield Seed("RTF", b"{\\rtf1\\ansi a,b}", not_csv("rtf"))
    yield Seed("random bytes with NUL", bytes(range(256)) * 4, not_csv("binary"))
    yield Seed("letters between NUL and controls", b"MODEL\0\x01name,unit\0\x02\x07", not_csv("binary"))
    yield Seed("Latin UTF-16 without a mark", "a,b\n1,2\n".encode("utf-16-le"), Read(AB, ONE_ROW.rows, "utf-16-le"))
    yield Seed("JSON with NUL", b'{"a": "\0"}', not_csv("json"))
    yield Seed("bracketed header", b"[a],[b]\n1,2\n", Read(("[a]", "[b]"), (("1", "2"),)))
    yield Seed("less-than sign first", b"<20,b\n1,2\n", Read(("<20", "b"), (("1", "2"),)))
    yield Seed("tag as a header", b"<script>,<b>\n1,2\n", Read(("<script>", "<b>"), (("1", "2"),)))
    yield Seed("table as a header", b"<table>,b\n1,2\n", Read(("<table>", "b"), (("1", "2"),)))
    yield Seed(
        "half-open interval as a header", b'"[0,10)","[10,20]"\n1,2\n', Read(("[0,10)", "[10,20]"), (("1", "2"),))
    )
    yield Seed(
        "intervals without quotes",
        b"[0;10];[10;20]\n1;2;3;4\n",
        Read(("[0", "10]", "[10", "20]"), (("1", "2", "3", "4"),), delimiter=";"),
    )
    yield Seed("MZ as a word", "MZ세대,b\n1,2\n".encode(), Read(("MZ세대", "b"), (("1", "2"),)))


def _nuls() -> Iterator[Seed]:
    damaged = (("1", "2"), ("3", "\ufffd"))
    yield Seed("NUL in a cell", b"a,b\n1,2\n3,\0\n", Read(AB, damaged, warnings=REPLACED))
    yield Seed("NUL in the header", b"a\0,b\n1,2\n", Read(("a\ufffd", "b"), ONE_ROW.rows, warnings=REPLACED))
    yield Seed("NUL at the end", b"a,b\n1,2\n\0\0\0", ONE_ROW)
    yield Seed("end of the file lost to NUL", b"a,b\n1,2\n3," + b"\0" * 100_000, Read(AB, damaged, warnings=REPLACED))
    yield Seed("NUL in two cells", b"a,b\n1,\0\n\0,4\n", unreadable("NUL", line=2))
    yield Seed("NUL in a CR file", b"a,b\r1,\x002\r3,\x004\r", unreadable("NUL", line=2))
    yield Seed("NUL in quotes over two lines", b'a,b\n"x\ny\0",\x002\n', unreadable("NUL", line=3))
    yield Seed(
        "NUL in a cell of CP949",
        "구,값\n중구,\x001\n".encode("cp949"),
        Read(("구", "값"), (("중구", "\ufffd1"),), "cp949", warnings=REPLACED),
    )
    yield Seed("NUL far down", b"a,b\n" + b"1,2\n" * 300 + b"3,\0\n\0,1\n", unreadable("NUL", line=302))


def _delimiters() -> Iterator[Seed]:
    yield Seed("semicolons", b"a;b\n1;2\n3;4\n", Read(AB, TWO_ROWS.rows, delimiter=";"))
    yield Seed("tabs", b"a\tb\n1\t2\n3\t4\n", Read(AB, TWO_ROWS.rows, delimiter="\t"))
    yield Seed(
        "decimal commas", b"x;y\n1,5;2,5\n3,5;4\n", Read(("x", "y"), (("1,5", "2,5"), ("3,5", "4")), delimiter=";")
    )
    yield Seed("semicolons within commas", b"a,b\nx;y;z,1\np,2\n", Read(AB, (("x;y;z", "1"), ("p", "2"))))
    yield Seed("quoted semicolon in the header", b'"a;x",b\n1,2\n', Read(("a;x", "b"), (("1", "2"),)))
    yield Seed("one quoted column with commas", b'a\n"1,2"\n"3"\n', Read(("a",), (("1,2",), ("3",))))
    yield Seed("bars", b"a|b\n1|2\n", Read(AB, ONE_ROW.rows, delimiter="|"))
    yield Seed("sep line of Excel", b"sep=;\r\na;b\r\n1;2\r\n", Read(AB, ONE_ROW.rows, delimiter=";"))
    yield Seed(
        "sep line and a ragged row",
        b"sep=;\na;b\n1;2\n1\n",
        Read(AB, (("1", "2"), ("1", None)), delimiter=";", warnings=SHORT),
    )
    yield Seed("commas and semicolons alike", b"a,b;c\n1,2;3\n", Read(("a,b", "c"), (("1,2", "3"),), delimiter=";"))


def _rows() -> Iterator[Seed]:
    long, above, below = (
        frozenset({"ROWS_LONG", "HEADER_EMPTY"}),
        frozenset({"LINES_ABOVE"}),
        frozenset({"LINES_BELOW"}),
    )
    yield Seed(
        "a field too many",
        b"a,b\n1,2\n1,2,3\n",
        Read((*AB, "열 3"), (("1", "2", None), ("1", "2", "3")), warnings=long),
    )
    yield Seed(
        "a field too few",
        b"a,b,c\n1,2,3\n1,2\n",
        Read((*AB, "c"), (("1", "2", "3"), ("1", "2", None)), warnings=SHORT),
    )
    yield Seed("a title above the header", b"2024\na,b\n1,2\n", Read(AB, ONE_ROW.rows, warnings=above))
    yield Seed("a remark below the rows", b"a,b\n1,2\nsource: x\n", Read(AB, ONE_ROW.rows, warnings=below))
    yield Seed(
        "ragged behind a line break in quotes",
        b'a,b\n"x\ny",2\n\n1,2,3\n',
        Read((*AB, "열 3"), (("x\ny", "2", None), ("1", "2", "3")), warnings=long),
    )
    yield Seed(
        "ragged far down",
        b"a,b\n" + b"1,2\n" * 300_000 + b"1\n" + b"1,2\n" * 10,
        Read(AB, (*(("1", "2"),) * 300_000, ("1", None), *(("1", "2"),) * 10), warnings=SHORT),
    )
    yield Seed(
        "trailing delimiter in rows only",
        b"a,b\n1,2,\n3,4,\n",
        Read(AB, TWO_ROWS.rows, warnings=frozenset({"COLUMN_DROPPED"})),
    )
    yield Seed(
        "trailing delimiter everywhere",
        b"a,b,\n1,2,\n3,4,\n",
        Read(AB, TWO_ROWS.rows, warnings=frozenset({"COLUMN_DROPPED"})),
    )
    yield Seed(
        "rows of delimiters at the end, as Excel leaves them",
        b"a,b\n1,2\n3,4\n,\n,\n",
        Read(AB, TWO_ROWS.rows, warnings=frozenset({"ROWS_DROPPED"})),
    )
    yield Seed("missing cells", b"a,b\n1,\n,2\n", Read(AB, (("1", None), (None, "2"))))
    yield Seed(
        "words for missing",
        b"a,b\nNA,1\nN/A,2\nnull,3\nNULL,4\nNaN,5\nnan,6\n  ,7\nx,8\n",
        Read(
            AB,
            (*((None, str(number)) for number in range(1, 8)), ("x", "8")),
            warnings=frozenset({"MARKS_READ_AS_MISSING"}),
        ),
    )
    yield Seed(
        "padded words for missing",
        b"a,b\n NA ,1\nx,2\n",
        Read(AB, ((None, "1"), ("x", "2")), warnings=frozenset({"MARKS_READ_AS_MISSING"})),
    )
    yield Seed(
        "blank numbers of a first column are no merged cells",
        b"people,district\n12,a\n,b\n27,c\n,d\n",
        Read(("people", "district"), (("12", "a"), (None, "b"), ("27", "c"), (None, "d"))),
    )
    yield Seed("Namibia is a country", b"a,b\nKR,1\nNA,2\nUS,3\n", Read(AB, (("KR", "1"), ("NA", "2"), ("US", "3"))))
    yield Seed("None is a word", b"a,b\nNone,1\n", Read(AB, (("None", "1"),)))
    yield Seed("white space in cells stays", b"a,b\n x ,  2\n", Read(AB, ((" x ", "  2"),)))
    yield Seed("quoted empty cell", b'a,b\n"",1\nx,2\n', Read(AB, ((None, "1"), ("x", "2"))))


def _quotes() -> Iterator[Seed]:
    yield Seed("quoted delimiter", b'a,b\n"1,x",2\n', Read(AB, (("1,x", "2"),)))
    yield Seed("quoted line end", b'a,b\n"1\nx",2\n', Read(AB, (("1\nx", "2"),)))
    yield Seed("quoted CR LF", b'a,b\r\n"1\r\nx",2\r\n', Read(AB, (("1\r\nx", "2"),)))
    yield Seed("doubled quotes", b'a,b\n"say ""hi""",2\n', Read(AB, (('say "hi"', "2"),)))
    yield Seed("all quoted", b'"a","b"\n"1","2"\n"3","4"\n', TWO_ROWS)
    yield Seed("quote within an unquoted cell", b'a,b\n5" pipe,2\n', Read(AB, (('5" pipe', "2"),)))
    damaged = frozenset({"QUOTES_DAMAGED"})
    for name, content, columns, rows in (
        ("text behind a closing quote", b'a,b\n"1"x,2\n', AB, (('"1"x', "2"),)),
        ("unclosed in the last cell", b'a,b\n1,2\n3,"4\n5,6\n', AB, (("1", "2"), ("3", '"4'), ("5", "6"))),
        ("unclosed in the first cell", b'a,b\n"1,2\n3,4\n', AB, (('"1', "2"), ("3", "4"))),
        ("unclosed in the header", b'a,"b\n1,2\n3,4\n', ("a", '"b'), TWO_ROWS.rows),
        ("unclosed behind regular ones", b'a,b\r\n"1","2"\r\n"3","4\r\n', AB, (("1", "2"), ("3", '"4'))),
        ("unclosed in a CR file", b'a,b\r1,2\r"3,4\r', AB, (("1", "2"), ('"3', "4"))),
        ("lone quote at the end", b'a,b\n1,2\n1,"', AB, (("1", "2"), ("1", '"'))),
    ):
        yield Seed(name, content, Read(columns, rows, warnings=damaged))
    yield Seed("quotes only", b'"""""', unreadable("NO_ROWS"))
    yield Seed("single quotes are letters", b"a,b\n'1,2'\n", Read(AB, (("'1", "2'"),)))
    yield Seed("backslash is a letter", b'a,b\n"1\\",2\n', Read(AB, (("1\\", "2"),)))
    yield Seed(
        "quoted header over two lines",
        '"사고\n일시",b\n1,2\n'.encode(),
        Read(("사고 일시", "b"), (("1", "2"),)),
    )


def _headers() -> Iterator[Seed]:
    repeated, nameless = frozenset({"HEADER_REPEATED"}), frozenset({"HEADER_EMPTY"})
    yield Seed("repeated name", b"a,a\n1,2\n", Read(("a", "a (2)"), (("1", "2"),), warnings=repeated))
    yield Seed(
        "repeated name that is taken",
        b"a,a (2),a,a\n1,2,3,4\n",
        Read(("a", "a (2)", "a (3)", "a (4)"), (("1", "2", "3", "4"),), warnings=repeated),
    )
    yield Seed(
        "names that are equal once composed",
        f"{NFD_GU},구\n1,2\n".encode(),
        Read(("구", "구 (2)"), (("1", "2"),), warnings=repeated),
    )
    yield Seed("empty name", b"a,\n1,2\n", Read(("a", "열 2"), (("1", "2"),), warnings=nameless))
    yield Seed(
        "index column of pandas",
        b",a\n0,x\n1,y\n",
        Read(("열 1", "a"), (("0", "x"), ("1", "y")), warnings=nameless),
    )
    yield Seed(
        "overlong name",
        b"x" * 500 + b",b\n1,2\n",
        Read(("x" * 200, "b"), (("1", "2"),), warnings=frozenset({"HEADER_SHORTENED"})),
    )
    yield Seed("formula as a name", b"=1+1,b\n1,2\n", Read(("=1+1", "b"), (("1", "2"),)))


def _sizes() -> Iterator[Seed]:
    wide = ",".join(f"c{number}" for number in range(10_000))
    yield Seed("10,000 columns", f"{wide}\n{wide}\n".encode(), unreadable("TOO_WIDE", limit=1000))
    yield Seed("10,000 columns and nothing else", wide.encode(), unreadable("TOO_WIDE", limit=1000))
    names = tuple(f"c{number}" for number in range(1_000))
    row = tuple(str(number) for number in range(1_000))
    yield Seed("1,000 columns", (",".join(names) + "\n" + ",".join(row) + "\n").encode(), Read(names, (row,)))
    long_row = tuple(f"{number}" * 2_000 for number in range(1, 200))
    long_names = names[:199]
    content = ",".join(long_names) + "\n" + ",".join(long_row) + "\n"
    yield Seed("a row of a megabyte in a wide table", content.encode(), Read(long_names, (long_row,)))
    yield Seed("a header of two million bytes", b"x" * 2_000_000 + b"\n1\n", unreadable("FIELD_TOO_LONG"))
    yield Seed(
        "a field of 200,000 bytes",
        b"a,b\n1," + b"x" * 200_000 + b"\n",
        unreadable("FIELD_TOO_LONG", line=2, column="b", limit=100_000),
    )
    yield Seed(
        "a field of 10,000,000 bytes",
        b"a,b\n1,2\n" + b"x" * 10_000_000 + b",2\n",
        unreadable("FIELD_TOO_LONG", line=3, column="a"),
    )
    yield Seed("a field as long as may be", b"a,b\n1," + b"x" * 100_000 + b"\n", Read(AB, (("1", "x" * 100_000),)))
    korean = "가" * 33_334
    yield Seed(
        "a Korean field too long by its bytes", f"a,b\n1,{korean}\n".encode(), unreadable("FIELD_TOO_LONG", line=2)
    )


def _contents() -> Iterator[Seed]:
    yield Seed("formulas", b"a,b\n=1+1,@x\n+1,-1\n", Read(AB, (("=1+1", "@x"), ("+1", "-1"))))
    yield Seed("control characters", b"a,b\n\x01\x7f,1\n", Read(AB, (("\x01\x7f", "1"),)))
    yield Seed("right-to-left override", "a,b\n\u202eevil,1\n".encode(), Read(AB, (("\u202eevil", "1"),)))
    yield Seed("full-width digits", "a,b\n１２,1\n".encode(), Read(AB, (("１２", "1"),)))


SEEDS: tuple[Seed, ...] = tuple(
    seed
    for group in (
        _nothing, _line_ends, _encodings, _others, _nuls, _delimiters, _rows, _quotes, _headers, _sizes, _contents,
    )
    for seed in group()
)  # fmt: skip
