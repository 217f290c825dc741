"""The table of refusals has what the code refuses with, and no more."""

import ast
import importlib
import re
from collections.abc import Iterator

from grpc import StatusCode

from servicekit.errors import Refused
from servicekit.refusals import REFUSALS
from tests.real_servers import REPOSITORY

PRODUCT = ("servicekit", "gateway", "chat_service", "dataset_service", "prediction_service")
# The HTTP statuses that a status of a call may become; any other is the caller's affair, or the provider's.
STATUSES = {
    StatusCode.PERMISSION_DENIED: {403},
    StatusCode.NOT_FOUND: {404, 422},
    StatusCode.RESOURCE_EXHAUSTED: {429, 503},
    StatusCode.UNAVAILABLE: {502, 503},
    StatusCode.DEADLINE_EXCEEDED: {504},
}
VERBATIM = {
    "SERVICE_UNAVAILABLE": "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요.",
    "DATABASE_UNAVAILABLE": "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요.",
    "TOO_MANY_BATCHES": "서버가 혼잡합니다. 잠시 후 다시 시도해주세요",
    "SERVICE_BUSY": "서버가 혼잡합니다. 잠시 후 다시 시도해주세요",
    "DEADLINE_PASSED": "요청 시간 초과. 다시 시도해주세요",
    "KEY_REFUSED": "API 키가 유효하지 않습니다. 다시 확인해주세요.",
    "NOT_CSV": "CSV 형식만 지원됩니다.",
    "FILE_TOO_LARGE": "파일 크기는 50MB를 초과할 수 없습니다",
    "DATASET_IN_USE": "사용 중인 데이터셋은 삭제할 수 없습니다",
    "SHARE_LINK_EXPIRED": "이 링크는 만료되었습니다",
}


def classes(kind: type[Refused] = Refused) -> Iterator[str]:
    yield kind.__name__
    for child in kind.__subclasses__():
        yield from classes(child)


def reasons(node: ast.AST) -> set[str]:
    """Returns the constants below a node that look like reasons."""
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return {text for text in texts if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", text)}


def test_rows_are_the_reasons_that_the_code_refuses_with() -> None:
    raised, named = set[str](), set[str]()
    for service in REPOSITORY.glob("*_service/errors.py"):
        importlib.import_module(f"{service.parent.name}.errors")
    refusing = {"ApiError", "trouble", *classes()}
    for path in (path for folder in PRODUCT for path in (REPOSITORY / folder).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        named |= reasons(tree)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in refusing
                and node.args
            ):
                raised |= reasons(node.args[0])
    assert len(raised) > 50
    assert raised - REFUSALS.keys() == set()
    assert REFUSALS.keys() - named == set()


def test_status_of_a_row_fits_the_status_of_its_call_and_its_sentence_is_polite() -> None:
    for reason, (status, code, sentence) in REFUSALS.items():
        assert status in STATUSES.get(StatusCode[code], range(400, 505)), reason
        assert re.search(r"(니다|세요)\.?$", sentence), reason


def test_sentences_of_the_specification_are_verbatim() -> None:
    assert {reason: REFUSALS[reason].sentence for reason in VERBATIM} == VERBATIM


def test_reason_of_a_newer_version_is_a_fault() -> None:
    assert Refused("FROM_MARS", "x").code is StatusCode.INTERNAL
