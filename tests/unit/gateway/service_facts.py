"""What a service can find wrong with a field or warn of, read from the services, so that no list gets stale."""

import ast
import re
from pathlib import Path

from tests.real_servers import REPOSITORY

_REASON = re.compile(r"[A-Z]+(_[A-Z0-9]+)+")


def field_reasons() -> set[str]:
    """Returns the reason of every `FieldViolation` and `Problem` that a service makes."""
    return _constants_given("FieldViolation", 1) | _constants_given("Problem", 1) | _constants_given("_refuse", 0)


def csv_problems() -> set[str]:
    """Returns every `problem` that makes a CSV file unreadable."""
    return _constants_given("CsvRefused", "problem")


def warning_reasons() -> set[str]:
    """Returns the reason of every warning about a dataset."""
    of_rules = re.findall(
        r'^REASON = "(\w+)"$', "\n".join(path.read_text("utf-8") for path in _sources()), re.MULTILINE
    )
    columns = (REPOSITORY / "dataset_service/reading/columns").rglob("*.py")
    of_columns = {reason for path in columns for reason in reasons_in(str(path.relative_to(REPOSITORY)))}
    return {*_constants_given("DatasetWarning", 0), *_constants_given("about_lines", 0), *of_rules, *of_columns}


def _constants_given(called: str, place: int | str) -> set[str]:
    """Returns the texts that services pass to a function or class as a positional or a named argument."""
    return {
        value.value
        for source in (path.read_text("utf-8") for path in _sources())
        if f"{called}(" in source  # to parse them all takes its time
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == called
        for name, value in (*enumerate(node.args), *((keyword.arg, keyword.value) for keyword in node.keywords))
        if name == place and isinstance(value, ast.Constant) and isinstance(value.value, str)
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
