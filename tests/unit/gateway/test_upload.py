"""A form is read the same however it is cut, and never further than it may."""

import itertools
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ApiError
from gateway.upload import UploadForm
from tests.patience import PATIENCE_SECONDS

BOUNDARY = "----cut-here"
TYPE = f"multipart/form-data; boundary={BOUNDARY}".encode()


def form_of(*parts: tuple[str, str | None, bytes]) -> bytes:
    """Writes parts of (field, file name, value) as browsers do."""
    body = b""
    for name, file_name, value in parts:
        file = "" if file_name is None else f'; filename="{file_name}"'
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        body += head.encode() + value + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


async def read(pieces: Sequence[bytes], content_type: bytes = TYPE) -> tuple[str, bytes, dict[str, str]]:
    left = [piece for piece in pieces if piece]

    async def next_piece() -> bytes:
        return left.pop(0) if left else b""

    form = UploadForm(content_type, next_piece, hold_seconds=PATIENCE_SECONDS)
    name = await form.wait_for_file()
    chunks = [chunk async for chunk in form.chunks()]
    assert all(len(chunk) == 1024 * 1024 for chunk in chunks[:-1])
    assert not chunks or 0 < len(chunks[-1]) <= 1024 * 1024
    return name, b"".join(chunks), form.fields


async def refusal(pieces: Sequence[bytes], content_type: bytes = TYPE) -> ApiError:
    with pytest.raises(ApiError) as raised:
        await read(pieces, content_type)
    return raised.value


async def test_file_and_fields_are_read_in_either_order() -> None:
    file, name = ("file", "대구 사고.csv", b"a,b\r\n1,2\r\n"), ("name", None, "이름".encode())
    for parts in ((file, name), (name, file)):
        assert await read([form_of(*parts)]) == ("대구 사고.csv", b"a,b\r\n1,2\r\n", {"name": "이름"})


@given(value=st.binary(max_size=300), cuts=st.lists(st.integers(1, 500), max_size=12))
async def test_form_is_read_the_same_however_it_is_cut(value: bytes, cuts: list[int]) -> None:
    body = form_of(("description", None, b"x"), ("file", "a.csv", value))
    places = [0, *sorted(cut for cut in cuts if cut < len(body)), len(body)]
    pieces = [body[start:end] for start, end in itertools.pairwise(places)]
    assert await read(pieces) == ("a.csv", value, {"description": "x"})


async def test_long_file_comes_in_chunks() -> None:
    value = bytes(range(256)) * 12_000
    body = form_of(("file", "a.csv", value))
    assert (await read([body[at : at + 65_536] for at in range(0, len(body), 65_536)]))[1] == value


async def test_what_comes_slowly_is_passed_on_before_there_is_much_of_it() -> None:
    body = form_of(("file", "a.csv", b"x" * 900_000))
    left = [body[at : at + 60_000] for at in range(0, len(body), 60_000)]
    pieces = len(left)

    async def next_piece() -> bytes:
        return left.pop(0) if left else b""

    form = UploadForm(TYPE, next_piece, hold_seconds=0)
    await form.wait_for_file()
    assert len([chunk async for chunk in form.chunks()]) >= pieces - 1


@pytest.mark.parametrize(
    "disposition",
    [
        "filename*=utf-8''%EB%8C%80%EA%B5%AC%20%EB%98%A0.csv",
        "filename*=UTF-8'ko'%eb%8c%80%ea%b5%ac%20%eb%98%a0.csv",
        "filename*=\"UTF-8''%EB%8C%80%EA%B5%AC%20%EB%98%A0.csv\"",
        "filename*=EUC-KR''%B4%EB%B1%B8%20%8Cc.csv",
        "filename*=cp949''%B4%EB%B1%B8%20%8Cc.csv",
        "filename=\"_.csv\"; filename*=UTF-8''%EB%8C%80%EA%B5%AC%20%EB%98%A0.csv",
        "filename*=UTF-8''%EB%8C%80%EA%B5%AC%20%EB%98%A0.csv; filename=\"a; b.csv\"",
        "FileName*=utf-8''%EB%8C%80%EA%B5%AC%20%EB%98%A0.csv",
        "filename*=nonsense''%EB.csv; filename=\"대구 똠.csv\"",
        'filename*=a; filename*x=3; filename*9*=4; filename="대구 똠.csv"',
        'filename="대구 똠.csv"',
    ],
)
async def test_korean_file_name_is_read_however_it_is_written(disposition: str) -> None:
    plain = form_of(("file", "NAME", b"x"))
    for encoding in ("utf-8", "cp949"):
        body = plain.replace(b'filename="NAME"', disposition.encode(encoding))
        assert (await read([body]))[0] == "대구 똠.csv"


async def test_longest_dispositions_are_read_in_a_moment() -> None:
    long = b'Content-Disposition: form-data; name=x; filename*="' + b";" * 3900 + b"\r\n"
    other = b"--" + BOUNDARY.encode() + b"\r\n" + long * 8 + b"\r\nx\r\n"
    began = time.process_time()
    assert (await read([other * 9 + form_of(("file", "a.csv", b"x"))]))[0] == "a.csv"
    assert time.process_time() - began < 4  # 0.3 s on an idle machine


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (form_of(("name", None, b"x")), "file"),  # without a file
        (form_of(("file", None, b"x")), "file"),  # without a file name
        (form_of(("file", "a", b"x"), ("file", "b", b"y")), "file"),
        (form_of(("name", None, b"x" * 20_000), ("file", "a.csv", b"x")), "name"),
        (b"", "file"),
    ],
)
async def test_form_that_is_no_file_with_short_fields_is_refused_by_field(body: bytes, field: str) -> None:
    error = await refusal([body])
    assert (error.reason, error.details[0].field) == ("FIELDS_INVALID", field)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"nonsense", TYPE),
        (form_of(("file", "a.csv", b"x"))[:-8], TYPE),
        (form_of(*(("name", None, b""),) * 20), TYPE),  # parts without end
        (b"x", b""),
        (b"x", b"multipart/form-data"),
        (b"x", b"multipart/form-data; boundary=" + b"x" * 300),
    ],
)
async def test_broken_form_is_refused(body: bytes, content_type: bytes) -> None:
    assert (await refusal([body], content_type)).reason == "FORM_MALFORMED"
