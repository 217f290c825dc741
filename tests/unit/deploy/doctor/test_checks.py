import shutil
import socket
from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy.doctor import checks, texts
from deploy.doctor.checks import Finding, Verdict, check_room
from deploy.room import Outlook
from tests.real_servers import REPOSITORY

KEY = "sk-ant-0123456789"
OK, NOTE, TROUBLE = Verdict.OK, Verdict.NOTE, Verdict.TROUBLE


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


@pytest.mark.parametrize(
    ("content", "mode", "verdict"),
    [
        (f"ANTHROPIC_API_KEY={KEY}\n", 0o644, TROUBLE),
        (f"ANTHROPIC_API_KEY={KEY}\n", 0o600, OK),
        ("GATEWAY_PORT=8000\n", 0o644, OK),
        ("#ANTHROPIC_API_KEY=key\nANTHROPIC_API_KEY=\nLOG_LEVEL=INFO\n", 0o644, OK),
    ],
)
def test_key_in_a_file_that_others_can_read_is_trouble(
    tmp_path: Path, content: str, mode: int, verdict: Verdict
) -> None:
    file = tmp_path / ".env"
    file.write_text(content)
    file.chmod(mode)
    finding = list(checks.check_env_file(file))[-1]
    assert finding.verdict is verdict
    assert finding.remedy == (f"chmod 600 {file}" if verdict is TROUBLE else "")


@pytest.mark.parametrize(
    ("key", "verdict"), [(None, NOTE), ("", NOTE), (KEY, OK), ("sk-other-0123", TROUBLE), (f"{KEY} ", TROUBLE)]
)
def test_key_is_judged_and_never_shown(key: str | None, verdict: Verdict) -> None:
    finding = only(checks.check_key(key))
    assert finding.verdict is verdict
    assert not key or key.strip() not in finding.said + finding.remedy


def test_port_that_is_taken_or_silent_is_trouble(tmp_path: Path) -> None:
    def refuse() -> None:
        raise ConnectionRefusedError

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        trouble = only(checks.check_free_ports([("GATEWAY_PORT", port)]))
    assert (trouble.verdict, str(port) in trouble.said, "GATEWAY_PORT=" in trouble.remedy) == (TROUBLE, True, True)
    assert only(checks.check_free_ports([("GATEWAY_PORT", port)])).verdict is OK

    log = tmp_path / "gateway.log"
    trouble = only(checks.check_port("GATEWAY_PORT", 8000, "gateway", refuse, log))
    assert (trouble.verdict, str(log) in trouble.remedy) == (TROUBLE, True)
    assert only(checks.check_port("GATEWAY_PORT", 8000, "gateway", lambda: None, log)).verdict is OK


def test_health_names_every_part_that_is_ill() -> None:
    parts = {"prediction": {"status": "healthy"}, "chat": {"status": "unhealthy"}, "worker": {"status": "unknown"}}
    well, chat, worker = checks.check_health({"services": parts}, "look")
    assert (well.verdict, "prediction" in well.said) == (OK, True)
    assert (chat.subject, chat.said, chat.remedy) == (texts.SERVICES, "chat: unhealthy", "look")
    assert (worker.subject, worker.verdict) == (texts.WORKER, TROUBLE)
    assert only(checks.check_health(None, "look")).verdict is TROUBLE


def test_model_of_the_repository_predicts_and_one_with_a_byte_changed_is_trouble(tmp_path: Path) -> None:
    finding = only(checks.check_model(REPOSITORY / "model"))
    assert (finding.verdict, "ECLO" in finding.said) == (OK, True)
    for name in ("eclo_model.txt", "model.json"):
        shutil.copy(REPOSITORY / "model" / name, tmp_path)
    with (tmp_path / "eclo_model.txt").open("a") as file:
        file.write(" ")
    finding = only(checks.check_model(tmp_path))
    assert (finding.verdict, "sha256" in finding.said) == (TROUBLE, True)


def test_disk_is_looked_at_where_the_state_will_be(tmp_path: Path) -> None:
    state = tmp_path / "not" / "yet" / "there"
    assert str(tmp_path) in only(checks.check_disk(state)).said
    assert not state.exists()
    trouble = only(checks.check_disk(state, least_bytes=2**60))
    assert (trouble.verdict, str(state / "logs") in trouble.remedy) == (TROUBLE, True)


def test_memory_that_is_short_is_trouble_unless_the_stack_has_its_share_already(tmp_path: Path) -> None:
    facts = tmp_path / "meminfo"
    facts.write_text("MemTotal:  4000000 kB\nMemAvailable:  1000000 kB\n")
    verdicts = [only(checks.check_memory(is_running, facts)).verdict for is_running in (False, True)]
    assert verdicts == [TROUBLE, OK]
    assert only(checks.check_memory(False, tmp_path / "absent")).verdict is NOTE


def test_font_is_found_by_its_file_and_a_missing_map_file_is_named(tmp_path: Path) -> None:
    assert only(checks.check_font((str(tmp_path),))).verdict is NOTE
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "Noto-Sans-KR.otf").touch()
    assert only(checks.check_font((str(tmp_path),))) == Finding(texts.FONT, OK, "Noto-Sans-KR")
    assert only(checks.check_map(list)).verdict is OK
    assert "leaflet.js" in only(checks.check_map(lambda: ["leaflet.js"])).said


def test_disk_that_is_full_soon_is_trouble_with_a_remedy() -> None:
    *before, last = check_room(Outlook(["예측 1 GB", "곧 찹니다"], is_soon_full=True), "보관 기간")
    assert [finding.verdict for finding in before] == [Verdict.OK, Verdict.OK]
    assert (last.said, last.verdict) == ("곧 찹니다", Verdict.TROUBLE)
    assert "KEEP_PREDICTIONS_DAYS" in last.remedy
    assert {finding.verdict for finding in check_room(Outlook(["예측 1 GB"], is_soon_full=False), "")} == {Verdict.OK}
