"""The documents say what there is, and nothing that is not."""

import ast
import re
import subprocess
from urllib.parse import unquote

from docs.reference import PROGRAMS, variables_of
from gateway.main import create_app
from gateway.settings import GatewaySettings
from servicekit.refusals import REFUSALS
from servicekit.settings import VERSION
from tests.real_servers import REPOSITORY
from tests.rules.repository import committed, written_texts

README = (REPOSITORY / "README.md").read_text()
MANUAL = REPOSITORY / "docs" / "사용설명서.md"
ENV_EXAMPLE = (REPOSITORY / ".env.example").read_text()
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PAGES = [path for path in committed() if path.suffix == ".md"]


def test_reference_of_settings_and_endpoints_is_what_the_code_has() -> None:
    done = subprocess.run(
        [REPOSITORY / "scripts" / "generate-docs", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_reference_of_rest_has_every_parameter_field_and_code() -> None:
    reference = (REPOSITORY / "docs" / "rest-api.md").read_text()
    described = create_app(GatewaySettings())._app.openapi()  # type: ignore[attr-defined]
    schemas = described["components"]["schemas"].values()
    upload = described["paths"]["/api/datasets/upload"]["post"]["requestBody"]["content"]["multipart/form-data"]
    names = {name for schema in (*schemas, upload["schema"]) for name in schema["properties"]} | {*REFUSALS}
    for methods in described["paths"].values():
        for operation in methods.values():
            names |= {parameter["name"] for parameter in operation.get("parameters", ())}
    assert {name for name in names if f"`{name}`" not in reference} == set()
    assert "or `csv`" in reference  # allowed values
    assert "integer 1 to 100" in reference  # limits


def test_example_of_env_names_only_variables_that_exist() -> None:
    named = re.findall(r"^#([A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE)
    assert named
    assert set(named) <= {variable for kind in PROGRAMS.values() for variable, _ in variables_of(kind)}
    assert not re.search(r"^[A-Z_]+=", ENV_EXAMPLE, re.MULTILINE)  # a copy of it changes nothing


def test_developer_guide_names_only_files_that_exist() -> None:
    named = re.findall(r"`([a-z]\w*/[\w./*\-]*)`", (REPOSITORY / "CONTRIBUTING.md").read_text())
    assert len(named) > 20
    assert [path for path in named if not any(REPOSITORY.glob(path))] == []


def test_links_lead_to_files_that_exist() -> None:
    targets = [
        (page, unquote(t.split("#")[0])) for page in PAGES for t in _LINK.findall((REPOSITORY / page).read_text())
    ]
    local = [(page, target) for page, target in targets if target and not re.match(r"[a-z]+:", target)]
    assert [(page, target) for page, target in local if not (REPOSITORY / page.parent / target).exists()] == []


def test_manual_names_and_quotes_what_the_page_shows() -> None:
    manual, shown = MANUAL.read_text(), _sentences()
    quoted = [text for text in re.findall(r"`([^`\n]+)`", manual) if re.search(r"^(?!\d{4}).*[가-힣]", text)]
    labels = re.findall(r"\*\*(.+?)\*\*", manual)
    assert labels
    assert quoted
    texts = [*labels, *(text.removesuffix("…").strip() for text in quoted)]
    assert [text for text in texts if not any(sentence.fullmatch(text) for sentence in shown)] == []


def _sentences() -> list[re.Pattern[str]]:
    """Returns what page and gateway say, whole and in parts; where they put something in, anything matches."""
    files = [*(REPOSITORY / "streamlit_client").glob("texts*.py"), REPOSITORY / "gateway" / "texts.py"]
    constants = [
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    constants += [refusal.sentence for refusal in REFUSALS.values()]
    parts = [part for text in constants for part in (text, *re.split(r"(?<=\.) | · ", text))]
    spoken = [text for text in parts if re.search("[가-힣]", re.sub(r"\{.*?\}", "", text))]
    return [re.compile(re.sub(r"\\\{.*?\\\}", ".+", re.escape(text).replace(r"\ ", " "))) for text in spoken]


def test_decisions_are_listed_numbered_and_divided_alike() -> None:
    decisions = sorted(path for path in PAGES if path.match("docs/adr/[0-9]*.md"))
    table = re.findall(r"^\| (\d+) \| .*\((.+)\)", (REPOSITORY / "docs/adr/README.md").read_text(), re.MULTILINE)
    assert table == [(str(number), path.name) for number, path in enumerate(decisions, 1)]
    for path in decisions:
        text = (REPOSITORY / path).read_text()
        assert text.startswith(f"# {int(path.name[:4])}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE)[:3] == ["Context", "Decision", "Consequence"], path


def test_every_script_of_readme_exists_and_may_be_run() -> None:
    named = set(re.findall(r"\./scripts/([\w-]+)", README))
    for script in named | {path.name for path in committed() if path.match("scripts/*") and not path.suffix}:
        file = REPOSITORY / "scripts" / script
        assert file.is_file(), script
        assert file.stat().st_mode & 0o111, script


def test_newest_release_of_the_changelog_is_the_version() -> None:
    changelog = (REPOSITORY / "CHANGELOG.md").read_text()
    assert re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)[:2] == ["Unreleased", VERSION]


def test_pictures_are_small_and_all_are_shown() -> None:
    pictures = {path for path in committed() if path.match("docs/images/*")}
    shown = {
        (path.parent / unquote(target)).as_posix().replace("docs/../", "")
        for path, text in written_texts()
        if path.suffix == ".md"
        for target in _LINK.findall(text)
    }
    assert {path.as_posix() for path in pictures} <= shown
    assert all((REPOSITORY / path).stat().st_size < 400_000 for path in pictures)
