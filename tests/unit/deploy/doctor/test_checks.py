import shutil
import socket
from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy.doctor import checks, texts
from deploy.doctor.checks import Finding, Verdict
from tests.real_servers import REPOSITORY

KEY = "sk-ant-0123456789"


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_key_in_a_file_that_others_can_read_is_trouble(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"ANTHROPIC_API_KEY={KEY}\n")
    file.chmod(0o644)
    trouble = list(checks.check_env_file(file))[-1]
    assert (trouble.verdict, trouble.remedy) == (Verdict.TROUBLE, f"chmod 600 {file}")

    file.chmod(0o600)
    assert only(checks.check_env_file(file)).verdict is Verdict.OK


@pytest.mark.parametrize("content", ["", "GATEWAY_PORT=8000\n", "#ANTHROPIC_API_KEY=\nANTHROPIC_API_KEY=\n"])
def test_file_without_a_key_may_be_read_by_anybody(tmp_path: Path, content: str) -> None:
    file = tmp_path / ".env"
    file.write_text(content)
    file.chmod(0o644)
    assert only(checks.check_env_file(file)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        (None, Verdict.NOTE),
        ("", Verdict.NOTE),
        (KEY, Verdict.OK),
        ("sk-other-0123", Verdict.TROUBLE),
        (f"{KEY} ", Verdict.TROUBLE),
    ],
)
def test_key_is_judged_and_never_shown(key: str | None, verdict: Verdict) -> None:
    finding = only(checks.check_key(key))
    assert finding.verdict is verdict
    assert not key or key.strip() not in finding.said + finding.remedy


def test_ports_that_are_free_are_well_and_one_that_is_taken_names_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        trouble = only(checks.check_free_ports({"GATEWAY_PORT": port}))
    assert trouble.verdict is Verdict.TROUBLE
    assert str(port) in trouble.said
    assert "GATEWAY_PORT=" in trouble.remedy
    assert only(checks.check_free_ports({"GATEWAY_PORT": port})).verdict is Verdict.OK


def test_program_that_does_not_answer_names_its_log(tmp_path: Path) -> None:
    def silent() -> None:
        raise ConnectionRefusedError

    log = tmp_path / "gateway.log"
    trouble = only(checks.check_port("GATEWAY_PORT", 8000, "gateway", silent, log))
    assert trouble.verdict is Verdict.TROUBLE
    assert str(log) in trouble.remedy
    assert only(checks.check_port("GATEWAY_PORT", 8000, "gateway", lambda: None, log)).verdict is Verdict.OK


def test_health_names_every_part_that_is_ill() -> None:
    parts = {"prediction": {"status": "healthy"}, "chat": {"status": "unhealthy"}, "worker": {"status": "unknown"}}
    well, chat, worker = checks.check_health({"services": parts}, "look")
    assert (well.verdict, "prediction" in well.said) == (Verdict.OK, True)
    assert (chat.subject, chat.said, chat.remedy) == (texts.SERVICES, "chat: unhealthy", "look")
    assert (worker.subject, worker.verdict) == (texts.WORKER, Verdict.TROUBLE)


def test_gateway_that_does_not_answer_is_trouble() -> None:
    assert only(checks.check_health(None, "look")).verdict is Verdict.TROUBLE


def test_model_of_the_repository_predicts() -> None:
    finding = only(checks.check_model(REPOSITORY / "model"))
    assert finding.verdict is Verdict.OK
    assert "ECLO" in finding.said


def test_model_with_one_byte_changed_is_trouble(tmp_path: Path) -> None:
    for name in ("eclo_model.txt", "model.json"):
        shutil.copy(REPOSITORY / "model" / name, tmp_path)
    with (tmp_path / "eclo_model.txt").open("a") as file:
        file.write(" ")
    finding = only(checks.check_model(tmp_path))
    assert finding.verdict is Verdict.TROUBLE
    assert "sha256" in finding.said


def test_disk_is_looked_at_where_the_state_will_be(tmp_path: Path) -> None:
    state = tmp_path / "not" / "yet" / "there"
    assert str(tmp_path) in only(checks.check_disk(state)).said
    assert not state.exists()
    trouble = only(checks.check_disk(state, least_bytes=2**60))
    assert trouble.verdict is Verdict.TROUBLE
    assert str(state / "logs") in trouble.remedy


def test_memory_that_is_short_is_trouble_unless_the_stack_has_its_share_already(tmp_path: Path) -> None:
    facts = tmp_path / "meminfo"
    facts.write_text("MemTotal:  4000000 kB\nMemAvailable:  1000000 kB\n")
    assert only(checks.check_memory(False, facts)).verdict is Verdict.TROUBLE
    assert only(checks.check_memory(True, facts)).verdict is Verdict.OK
    assert only(checks.check_memory(False, tmp_path / "absent")).verdict is Verdict.NOTE


def test_font_is_found_by_its_file(tmp_path: Path) -> None:
    assert only(checks.check_font((str(tmp_path),))).verdict is Verdict.NOTE
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "Noto-Sans-KR.otf").touch()
    assert only(checks.check_font((str(tmp_path),))) == Finding(texts.FONT, Verdict.OK, "Noto-Sans-KR")


def test_map_file_that_is_missing_is_named() -> None:
    assert only(checks.check_map(list)).verdict is Verdict.OK
    assert "leaflet.js" in only(checks.check_map(lambda: ["leaflet.js"])).said
