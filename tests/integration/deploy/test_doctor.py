"""`./scripts/doctor` and its checks against real servers."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import redis

from deploy.doctor import texts
from deploy.doctor.checks import Finding, Verdict, check_database, check_queue
from deploy.local.schema_version import VERSIONS
from scripts.benchmarks.processes import free_port
from tests.contract.gateway.running_gateway import NOBODY
from tests.real_servers import REPOSITORY, Postgres, migrate


def verdicts(findings: Iterable[Finding]) -> dict[str, Verdict]:
    return {finding.subject: finding.verdict for finding in findings}


def test_database_that_is_behind_says_how_to_migrate(postgres: Postgres) -> None:
    url = postgres.new_empty_database()
    try:
        database, migrations = check_database(url, "", VERSIONS)
        assert (database.verdict, migrations.verdict) == (Verdict.OK, Verdict.TROUBLE)
        assert "upgrade head" in migrations.remedy
        migrate(url)
        assert verdicts(check_database(url, "", VERSIONS)) == {
            texts.DATABASE: Verdict.OK, texts.MIGRATIONS: Verdict.OK,
        }  # fmt: skip
    finally:
        postgres.drop_database(url)


def test_queue_tells_whether_a_worker_listens(redis_url: str) -> None:
    (finding,) = check_queue(redis_url, "")
    assert (finding.subject, finding.verdict) == (texts.QUEUE, Verdict.OK)
    assert finding.said.startswith("Valkey 9.")
    with redis.Redis.from_url(f"{redis_url}/0") as client:
        client.set("worker:alive", "1", ex=60)
    assert verdicts(check_queue(redis_url, "")) == {texts.QUEUE: Verdict.OK, texts.WORKER: Verdict.OK}


def test_server_that_is_away_is_trouble_and_named_without_its_password() -> None:
    for subject, findings in (
        (texts.DATABASE, check_database(f"postgresql://daegu:hidden@{NOBODY}/daegu", "look", VERSIONS)),
        (texts.QUEUE, check_queue(f"redis://:hidden@{NOBODY}", "look")),
    ):
        (finding,) = findings
        assert (finding.subject, finding.verdict, finding.remedy) == (subject, Verdict.TROUBLE, "look")
        assert "hidden" not in finding.said


def doctor(state: Path, **environment: str) -> tuple[int, str]:
    ports = {f"{name}_PORT": str(free_port()) for name in ("GATEWAY", "STREAMLIT", "PREDICTION", "CHAT", "DATASET")}
    servers = {"POSTGRES_PORT": str(free_port()), "REDIS_PORT": str(free_port()), "DATABASE_URL": "", "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.doctor"],
        cwd=REPOSITORY,
        env={**os.environ, **ports, **servers, "STATE_DIR": str(state), "ANTHROPIC_API_KEY": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_machine_that_is_well_is_told_so(tmp_path: Path) -> None:
    code, said = doctor(tmp_path)
    assert code == 0, said
    assert said.rstrip().endswith(texts.ALL_WELL)
    for subject in (texts.PYTHON, texts.PORTS, texts.MODEL, texts.DISK, texts.KEY, texts.FONT, texts.MAP):
        assert f"{subject}: " in said


def test_trouble_is_counted_and_ends_with_an_error(tmp_path: Path) -> None:
    code, said = doctor(tmp_path, DATABASE_URL=f"postgresql://daegu:hidden@{NOBODY}/daegu")
    assert code == 1
    assert texts.TROUBLES.format(count=1) in said
    assert "hidden" not in said


def test_settings_that_cannot_be_are_named_without_what_was_given(tmp_path: Path) -> None:
    code, said = doctor(tmp_path, GATEWAY_PORT="many", DATABASE_URL="mysql://daegu:hidden@localhost/daegu")
    assert code == 1
    assert "GATEWAY_PORT" in said
    assert "DATABASE_URL" in said
    assert "hidden" not in said
