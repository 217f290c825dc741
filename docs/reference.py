"""Generates the reference pages docs/settings.md and docs/rest-api.md from the code.

Run by `./scripts/generate-docs`; with `--check` it only fails if the committed pages differ.
"""

import argparse
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from chat_service.settings import ChatSettings
from dataset_service.settings import DatasetSettings
from deploy.local.settings import LocalSettings
from docs.rest_reference import cell, rest_page
from gateway.main import create_app
from gateway.settings import GatewaySettings
from prediction_service.settings import PredictionSettings
from streamlit_client.settings import PageSettings
from worker.settings import WorkerSettings

_DOCS = Path(__file__).resolve().parent
_REPOSITORY = _DOCS.parent
PROGRAMS: dict[str, type[BaseSettings]] = {
    "The local stack (`./scripts/up`)": LocalSettings,
    "Gateway": GatewaySettings,
    "Page": PageSettings,
    "Prediction service": PredictionSettings,
    "Dataset service": DatasetSettings,
    "Chat service": ChatSettings,
    "Worker": WorkerSettings,
}
_MADE = "<!-- Made by ./scripts/generate-docs from the code; edit the code instead. -->"
_SETTINGS_INTRO = """
Every setting is an environment variable. `./scripts/up` also reads them from `.env` and passes them on to the program
they belong to. Its own table comes first, and is all that most people need; `.env.example` also names the two of the
chat. The other tables matter to those who run the programs one by one, in containers for example.
"""


def main(*, only_check: bool) -> int:
    """Writes or checks the pages. Returns the exit code."""
    openapi = create_app(GatewaySettings())._app.openapi()  # type: ignore[attr-defined]
    pages = {"settings.md": settings_page(), "rest-api.md": rest_page(openapi, _MADE)}
    stale = 0
    for name, text in pages.items():
        path = _DOCS / name
        committed = path.read_text() if path.exists() else ""
        if committed == text:
            continue
        if only_check:
            stale = 1
            sys.stderr.writelines(difflib.unified_diff(committed.splitlines(True), text.splitlines(True), name, "code"))
        else:
            path.write_text(text)
    if stale:
        print("docs are stale: run ./scripts/generate-docs and commit", file=sys.stderr)  # noqa: T201
    return stale


def settings_page() -> str:
    """Returns the tables of all settings, by program."""
    lines = ["# Settings", "", _MADE, _SETTINGS_INTRO.rstrip()]
    for title, kind in PROGRAMS.items():
        lines += ["", f"## {title}", "", "| Variable | Default | What it is |", "|---|---|---|"]
        for variable, field in variables_of(kind):
            lines.append(f"| `{variable}` | {_default_of(field)} | {cell(field.description or '')} |")
    return "\n".join(lines) + "\n"


def variables_of(kind: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    """Yields the environment variable of each setting."""
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            alias = str(alias.choices[0])
        yield str(alias) if alias else f"{kind.model_config.get('env_prefix', '')}{name}".upper(), field


def _default_of(field: FieldInfo) -> str:
    default = field.default
    if default is PydanticUndefined:
        return "required"
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Path) and default.is_relative_to(_REPOSITORY):
        default = default.relative_to(_REPOSITORY)
    if isinstance(default, frozenset | tuple):
        default = ",".join(sorted(default))
    return "" if default in (None, "") else f"`{default}`"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    sys.exit(main(only_check=parser.parse_args().check))
