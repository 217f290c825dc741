import httpx

from tests.e2e.running_stack import Stack
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS

PARTS = {"prediction", "dataset", "chat", "database", "redis", "worker", "storage"}


def test_every_part_of_the_stack_is_healthy(api: httpx.Client) -> None:
    def states() -> dict[str, str]:
        return {name: part["status"] for name, part in api.get("/health").json()["services"].items()}

    wait_until(lambda: states() == dict.fromkeys(PARTS, "healthy"))


def test_page_and_documentation_of_the_api_are_where_the_start_says(stack: Stack, api: httpx.Client) -> None:
    said = stack.output.read_text()
    assert f"화면      http://localhost:{stack.ports['STREAMLIT']}" in said
    assert f"API 문서  http://localhost:{stack.ports['GATEWAY']}/docs" in said
    assert "text/html" in api.get("/docs").raise_for_status().headers["content-type"]
    page = httpx.get(stack.page, timeout=PATIENCE_SECONDS, trust_env=False).raise_for_status()
    assert "<title>" in page.text


def test_no_program_but_the_page_has_the_key_in_its_environment(stack: Stack) -> None:
    for program in ("postgres", "valkey", "prediction", "dataset", "chat", "worker", "gateway"):
        environment = stack.environment_of(program)
        assert not environment.get("ANTHROPIC_API_KEY"), program
    assert stack.environment_of("page")["ANTHROPIC_API_KEY"] == stack.anthropic_api_key
