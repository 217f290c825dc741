"""Each kind of untidy file around as many rows as wanted, from two to thousands."""

from collections.abc import Callable
from itertools import cycle, islice

from tests.unit.dataset_service.reading.untidy.untidy_file import UntidyFile, untidy

Lines = list[str]


def _bodies(rows: int) -> Lines:
    return [f"구역{number}|{number * 37 % 1000 + 1}|{number % 8 * 0.25 + 0.5:g}" for number in range(rows)]


def _commas(rows: int) -> Lines:
    return [line.replace("|", ",") for line in _bodies(rows)]


def _file(name: str, rows: int, lines: Lines, *, told: bool | None = True, encoding: str = "utf-8") -> UntidyFile:
    """A file whose table is the plain one, whatever is around it."""
    return untidy(name, "\n".join(lines) + "\n", "구군|건수|비율", *_bodies(rows), told=told, encoding=encoding)


_HEADER = "구군,건수,비율"


def _around(rows: int) -> list[UntidyFile]:
    plain = [_HEADER, *_commas(rows)]
    counts = sum(number * 37 % 1000 + 1 for number in range(rows))
    rates = sum(number % 8 * 0.25 + 0.5 for number in range(rows))
    total = f"합계,{counts},{rates:g}"
    return [
        _file("plain", rows, plain, told=False),
        _file(
            "notices", rows, ['"※ 본 자료는 참고용입니다."', '"※ 법적 효력이 없습니다."', "", *plain], encoding="cp949"
        ),
        _file("title", rows, ["대구광역시 현황,,", *plain]),
        _file("search conditions", rows, ["[검색조건]", "지역 : 대구", "기간 : 20240101~20240131", "", *plain]),
        _file("unit line", rows, ["현황,,", ",,(단위: 건)", *plain]),
        _file("hash lines", rows, ["# 기관: 대구", "# 2024, 잠정", *plain]),
        _file("delimiters alone", rows, [",,", ",,", *plain, ",,"]),
        _file("notes", rows, [*plain, "주) 잠정치임", "자료: 대구경찰청"]),
        _file("second table", rows, [*plain, "", "연도,합계,증감,사유", "2023,55,3,가", "2024,60,5,나"]),
        _file("unit row", rows, [_HEADER, "(단위),건,%", *_commas(rows)]),
        _file("total last", rows, [*plain, total]),
        _file("total first", rows, [_HEADER, total, *_commas(rows)]),
    ]


def _headers(rows: int) -> list[UntidyFile]:
    body = _commas(rows)

    def file(name: str, header: Lines, columns: str) -> UntidyFile:
        return untidy(name, "\n".join([*header, *body]) + "\n", columns, *_bodies(rows))

    return [
        file("two header rows", ["구군,사고,사고", "구군,건수,비율"], "구군|사고_건수|사고_비율"),
        file("two header rows, merged", ["구군,사고,", ",건수,비율"], "구군|사고_건수|사고_비율"),
        file(
            "three header rows",
            ["구군,2023,2023", "구군,사고,사고", "구군,건수,비율"],
            "구군|2023_사고_건수|2023_사고_비율",
        ),
        file("no header", [], "*|*|*"),
        file("header one name short", ["건수,비율"], "*|건수|비율"),
    ]


def _groups(rows: int) -> list[UntidyFile]:
    """Two rows a group, so at least four rows."""
    rows = max(rows, 4)
    outer = [f"시도{number // 2}" for number in range(rows)]
    middle = [f"구{number // 2}" for number in range(rows)]
    wanted = [f"{group}|{line}" for group, line in zip(outer, _bodies(rows), strict=True)]
    merged = ["시도,구군,건수,비율"]
    with_subtotals = ["시도,구군,건수,비율"]
    for number, line in enumerate(_commas(rows)):
        if number % 2 == 0:
            pair = range(number, number + 2)
            count = sum(member * 37 % 1000 + 1 for member in pair)
            rate = sum(member % 8 * 0.25 + 0.5 for member in pair)
            with_subtotals.append(f"{outer[number]},소계,{count},{rate:g}")
        merged.append(f"{'' if number % 2 else outer[number]},{line}")
        with_subtotals.append(f"{outer[number]},{line}")
    two = ["시도,구,구군,건수,비율"]
    for number, line in enumerate(_commas(rows)):
        two.append(f"{'' if number % 4 else f'시도{number // 4}'},{'' if number % 2 else middle[number]},{line}")
    wanted_two = [f"시도{number // 4}|{middle[number]}|{line}" for number, line in enumerate(_bodies(rows))]
    return [
        untidy("merged cells", "\n".join(merged) + "\n", "시도|구군|건수|비율", *wanted),
        untidy("subtotals", "\n".join(with_subtotals) + "\n", "시도|구군|건수|비율", *wanted),
        untidy("two merged columns", "\n".join(two) + "\n", "시도|구|구군|건수|비율", *wanted_two),
    ]


def _rows(rows: int) -> list[UntidyFile]:
    body = _commas(rows)
    short = [f"{line}," if number % 10 else line.rsplit(",", 1)[0] for number, line in enumerate(body)]
    return [
        untidy(
            "the last row short",
            "\n".join([_HEADER, *body[:-1], body[-1].rsplit(",", 1)[0]]) + "\n",
            "구군|건수|비율",
            *_bodies(rows)[:-1],
            _bodies(rows)[-1].rsplit("|", 1)[0] + "|",
        ),
        untidy(
            "every tenth row short by two",
            "\n".join([_HEADER + ",비고", *short]) + "\n",
            "구군|건수|비율|비고",
            *(
                f"{line.rsplit('|', 1)[0]}||" if number % 10 == 0 else f"{line}|"
                for number, line in enumerate(_bodies(rows))
            ),
        ),
        untidy(
            "the last row long",
            "\n".join([_HEADER, *body]) + ",확인\n",
            "구군|건수|비율|*",
            *(f"{line}|" for line in _bodies(rows)[:-1]),
            f"{_bodies(rows)[-1]}|확인",
        ),
        untidy(
            "a quote too many in the last row",
            "\n".join([_HEADER, *body[:-1], '"' + body[-1]]) + "\n",
            "구군|건수|비율",
            *_bodies(rows)[:-1],
            "*|*|*",
            texts="건수|비율",
        ),
    ]


def _dialects(rows: int) -> list[UntidyFile]:
    plain = ["구군|건수|비율", *_bodies(rows)]

    def joined(name: str, delimiter: str, quote: str = "") -> UntidyFile:
        lines = [delimiter.join(f"{quote}{cell}{quote}" for cell in line.split("|")) for line in plain]
        return _file(name, rows, lines, told=None)

    names = cycle(["가, 나", "'다'", "라\\마"])
    return [
        *(joined(repr(delimiter), delimiter) for delimiter in ("|", " ", "||", ", ", "^", ";", "\t")),
        joined("single quotes", ",", "'"),
        untidy(
            "backslashes",
            "\n".join(['"구군","말"', *(f'"{number}","그는 \\"{number}\\", 했다"' for number in range(rows))]) + "\n",
            "구군|말",
            *(f'{number}|그는 "{number}", 했다' for number in range(rows)),
            told=None,
        ),
        untidy(
            "commas, apostrophes and backslashes within quotes",
            "\n".join(["번호,이름", *(f'{n},"{name}"' for n, name in enumerate(islice(names, rows)))]) + "\n",
            "번호|이름",
            *(f"{n}|{name}" for n, name in enumerate(islice(cycle(["가, 나", "'다'", "라\\마"]), rows))),
            told=False,
        ),
        untidy("CR alone", "\r".join([_HEADER, *_commas(rows)]), "구군|건수|비율", *_bodies(rows), told=None),
        untidy("Ctrl-Z", "\r\n".join([_HEADER, *_commas(rows), "\x1a"]), "구군|건수|비율", *_bodies(rows), told=None),
    ]


def _damaged(rows: int) -> list[UntidyFile]:
    lines = [_HEADER, *_commas(rows)]
    first = _bodies(rows)[0].split("|", 1)[1]
    half = rows // 2 + 1

    def file(name: str, content: bytes, *wanted: str, told: bool | None = True) -> UntidyFile:
        return untidy(name, content, "구군|건수|비율", *wanted, told=told)

    def text(part: Lines) -> str:
        return "".join(f"{line}\n" for line in part)

    return [
        *(
            file(
                f"a stray byte, {encoding}",
                text(lines).encode(encoding).replace("구역0".encode(encoding), "구역".encode(encoding) + b"\xff", 1),
                f"*|{first}",
                *_bodies(rows)[1:],
            )
            for encoding in ("utf-8", "cp949")
        ),
        file("cut in a letter", text(lines).encode() + "구".encode()[:2], *_bodies(rows), "*||"),
        file("two encodings", text(lines[:half]).encode("cp949") + text(lines[half:]).encode(), *_bodies(rows)),
        file("UTF-16 without mark", text(lines).encode("utf-16-le"), *_bodies(rows), told=None),
    ]


_GENERATORS: tuple[Callable[[int], list[UntidyFile]], ...] = (_around, _headers, _groups, _rows, _dialects, _damaged)


def files_of(rows: int) -> list[UntidyFile]:
    """Returns a file of each kind around so many rows; those with groups have at least four."""
    return [file for generate in _GENERATORS for file in generate(rows)]
