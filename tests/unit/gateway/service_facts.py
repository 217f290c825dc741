"""What a service can find wrong with a field or warn of, read from the services, so that no list gets stale."""

import ast
import re
from pathlib import Path

from tests.real_servers import REPOSITORY

_REASON = re.compile(r"[A-Z]+(_[A-Z]+)+")


def field_reasons() -> set[str]:
    """Returns the reason of every `FieldViolation` and `Problem` that a service makes."""
    sources = (path.read_text("utf-8") for path in _sources())
    return {
        argument.value
        for source in sources
        if "FieldViolation(" in source or "Problem(" in source  # to parse them all takes its time
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in ("FieldViolation", "Problem")
        for argument in node.args[1:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def reasons_in(source: str) -> set[str]:
    """Returns every constant of a source file that looks like a reason."""
    return {
        node.value
        for node in ast.walk(ast.parse((REPOSITORY / source).read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _REASON.fullmatch(node.value)
    }


def _sources() -> list[Path]:
    return [path for folder in ("*_service", "servicekit") for path in sorted(REPOSITORY.glob(f"{folder}/**/*.py"))]
