"""Bytes that are no text, files cut inside a letter, two encodings in one file, UTF-16 without its mark."""

from tests.unit.dataset_service.reading.untidy.untidy_file import untidy

_MANY = "".join(f"{number},수성구 범어동,{number % 7}\n" for number in range(1, 21))
_MANY_ROWS = [f"{number}|수성구 범어동|{number % 7}" for number in range(1, 21)]

SINGLE_BYTES = (
    untidy(
        "FF in a name, CP949",
        "구군,건수\n중구".encode("cp949") + b"\xff" + ",61\n동구,182\n서구,90\n".encode("cp949"),
        "구군|건수",
        *("*|61", "동구|182", "서구|90"),
    ),
    untidy(
        "80 in a name, UTF-8",
        "구군,건수\n중".encode() + b"\x80" + "구,61\n동구,182\n서구,90\n".encode(),
        "구군|건수",
        *("*|61", "동구|182", "서구|90"),
    ),
    untidy(
        "half a letter at the end of a cell that was cut to its width, CP949",
        "번호,상호,면적\n1,가나식당,66\n2,".encode("cp949")
        + "다라분식점".encode("cp949")[:-1]
        + ",33\n3,마바,41\n".encode("cp949"),
        "번호|상호|면적",
        *("1|가나식당|66", "2|*|*", "3|마바|41"),
        texts="면적",
    ),
    untidy(
        "half a letter at the end of a cell, UTF-8",
        "번호,상호,면적\n1,가나식당,66\n2,".encode() + "다라분식점".encode()[:-1] + ",33\n3,마바,41\n".encode(),
        "번호|상호|면적",
        *("1|가나식당|66", "2|*|33", "3|마바|41"),
    ),
    untidy(
        "a letter of another encoding in the header, UTF-8",
        "구군,건수(".encode() + b"\xb0" + ")\n중구,61\n동구,182\n서구,90\n".encode(),
        "구군|*",
        *("중구|61", "동구|182", "서구|90"),
    ),
)

CUT = (
    untidy(
        "after the first byte of three",
        ("번호,동,값\n" + _MANY + "21,수").encode() + "성".encode()[:1],
        "번호|동|값",
        *_MANY_ROWS,
        "21|*|",
    ),
    untidy(
        "after the second byte of three",
        ("번호,동,값\n" + _MANY + "21,").encode() + "수".encode()[:2],
        "번호|동|값",
        *_MANY_ROWS,
        "21|*|",
    ),
    untidy(
        "after the first byte of two, CP949",
        ("번호,동,값\n" + _MANY + "21,수성").encode("cp949") + "구".encode("cp949")[:1],
        "번호|동|값",
        *_MANY_ROWS,
        "21|*|",
    ),
    untidy(
        "after the first byte of two, UTF-16",
        ("번호,동,값\n" + _MANY).encode("utf-16") + "21,".encode("utf-16-le") + b"\x18",
        "번호|동|값",
        *_MANY_ROWS,
        "21|*|",
    ),
    untidy(
        "in the second letter of a short line",
        "이름,값\n가나,1\n다라,2\n마".encode() + "바".encode()[:1],
        "이름|값",
        *("가나|1", "다라|2", "마\ufffd|"),
    ),
    untidy(
        "in the fourth letter of the last line, under numbers",
        "연번,비율\n1,98.25\n2,63.75\n3,62.25\n가나다".encode() + "라".encode()[:1],
        "연번|비율",
        *("1|98.25", "2|63.75", "3|62.25", "*|"),
        texts="연번",
    ),
    untidy(
        "in the last line end, UTF-16",
        "구군,건수\n중구,61\n동구,182\n".encode("utf-16")[:-1],
        "구군|건수",
        *("중구|61", "동구|182"),
        told=None,
    ),
    untidy(
        "inside a quoted cell",
        ("번호,동,값\n" + _MANY + '21,"수성구, 범').encode() + "어".encode()[:2],
        "번호|동|값",
        *_MANY_ROWS,
        "21|*|*",
        texts="값",
    ),
)

TWO_ENCODINGS = (
    untidy(
        "CP949 and below it UTF-8",
        "구군,건수\n중구,61\n동구,182\n".encode("cp949") + "서구,90\n남구,71\n".encode(),
        "구군|건수",
        *("중구|61", "동구|182", "서구|90", "남구|71"),
    ),
    untidy(
        "UTF-8 and below it CP949",
        "번호,상호,주소\n1,가나식당,대구광역시 중구\n2,다라분식,대구광역시 동구\n".encode()
        + "3,마바반점,대구광역시 서구\n".encode("cp949"),
        "번호|상호|주소",
        *("1|가나식당|대구광역시 중구", "2|다라분식|대구광역시 동구", "3|마바반점|대구광역시 서구"),
    ),
    untidy(
        "a UTF-8 mark before CP949",
        b"\xef\xbb\xbf" + "구군,건수\n중구,61\n동구,182\n서구,90\n".encode("cp949"),
        "구군|건수",
        *("중구|61", "동구|182", "서구|90"),
    ),
    untidy(
        "one line of CP949 in the middle of UTF-8",
        ("번호,동,값\n" + _MANY).encode() + "21,수성구 만촌동,3\n".encode("cp949") + "22,수성구 지산동,5\n".encode(),
        "번호|동|값",
        *_MANY_ROWS,
        "21|수성구 만촌동|3",
        "22|수성구 지산동|5",
    ),
    untidy(
        "a second file with its own UTF-8 mark",
        "구군,건수\n중구,61\n동구,182\n".encode("utf-8-sig") + "서구,90\n남구,71\n".encode("utf-8-sig"),
        "구군|건수",
        *("중구|61", "동구|182", "서구|90", "남구|71"),
        told=None,
    ),
)

_DISTRICTS = "구군,건수\r\n중구,61\r\n동구,182\r\n서구,90\r\n"
_DISTRICT_ROWS = ("중구|61", "동구|182", "서구|90")

UTF16_WITHOUT_MARK = (
    untidy("little end first", _DISTRICTS, "구군|건수", *_DISTRICT_ROWS, encoding="utf-16-le", told=None),
    untidy("big end first", _DISTRICTS, "구군|건수", *_DISTRICT_ROWS, encoding="utf-16-be", told=None),
    untidy(
        "ASCII alone, big end first",
        "name\tcount\na\t61\nb\t182\n",
        "name|count",
        *("a|61", "b|182"),
        encoding="utf-16-be",
        told=None,
    ),
    untidy(
        "hardly any ASCII, little end first",
        "시설명칭\t소재지\n국립대구박물관\t대구광역시수성구황금동\n대구미술관\t대구광역시수성구삼덕동\n",
        "시설명칭|소재지",
        *("국립대구박물관|대구광역시수성구황금동", "대구미술관|대구광역시수성구삼덕동"),
        encoding="utf-16-le",
        told=None,
    ),
    untidy(
        "a title above, little end first",
        "대구광역시 사고 현황\n" + _DISTRICTS,
        "구군|건수",
        *_DISTRICT_ROWS,
        encoding="utf-16-le",
    ),
)

SINGLE_LATIN_LETTERS = (
    untidy(
        "a sign in the last cell",
        b"a,b,c\n1,2,3\n4,5,\xa9\n",
        "a|b|c",
        *("1|2|3", "4|5|©"),
    ),
    untidy(
        "accents far from one another",
        "Land,Stadt,Wert\nÖ,Wien,1\nD,Köln,2\nE,León,3\n".encode("cp1252"),
        "Land|Stadt|Wert",
        *("Ö|Wien|1", "D|Köln|2", "E|León|3"),
    ),
)

KINDS = {
    "single bytes": SINGLE_BYTES,
    "cut in a letter": CUT,
    "two encodings": TWO_ENCODINGS,
    "UTF-16 without mark": UTF16_WITHOUT_MARK,
    "single letters of Latin": SINGLE_LATIN_LETTERS,
}
