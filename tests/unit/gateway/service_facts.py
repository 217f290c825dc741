"""What the services can refuse with or warn of, read from the services themselves, so that no list can go stale."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from servicekit.errors import DomainError
from tests.real_servers import REPOSITORY

_REASON = re.compile(r"[A-Z]+(_[A-Z]+)+")


def domain_errors() -> list[type[DomainError]]:
    """Returns every refusal of servicekit and of all services: each `errors` module of a `*_service` folder.

    One with a constructor of its own states no fact of its own: it passes on what another service said.
    """
    modules = ["servicekit.errors"]
    modules += [f"{path.parent.name}.errors" for path in sorted(REPOSITORY.glob("*_service/errors.py"))]
    for module in modules:
        importlib.import_module(module)
    return [
        kind
        for kind in _descendants(DomainError)
        if kind.__module__ in modules and "reason" in vars(kind) and "__init__" not in vars(kind)
    ]


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


def _descendants(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _sources() -> list[Path]:
    return [path for folder in ("*_service", "servicekit") for path in sorted(REPOSITORY.glob(f"{folder}/**/*.py"))]
