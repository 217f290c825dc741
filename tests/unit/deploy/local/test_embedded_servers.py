from pathlib import Path

import psutil
import pytest
import redis

from deploy.local.embedded_postgres import EmbeddedPostgres, ServerNotMade
from deploy.local.embedded_valkey import EmbeddedValkey
from scripts.benchmarks.processes import free_port
from tests.real_servers import ServerProcess

LONG = Path("가" * 60, " 나" * 20)  # far longer, in bytes, than the path of a Unix socket may be


def test_servers_run_in_a_folder_with_a_long_korean_name(tmp_path: Path) -> None:
    folder = tmp_path / LONG / 'with "quotes"'
    for server in (
        EmbeddedPostgres(folder / "postgres", free_port(), "secret"),
        EmbeddedValkey(folder / "valkey", free_port(), "secret"),
    ):
        process = ServerProcess(server)
        process.start()
        process.stop()


def test_only_the_owner_can_read_what_postgres_keeps_and_no_password_lies_about(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", free_port(), "secret")
    server.prepare()
    assert (tmp_path / "postgres").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in tmp_path.iterdir()] == ["postgres"]


def test_half_made_folder_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.making").mkdir()
    (tmp_path / "postgres.making" / "PG_VERSION").write_text("18")
    server = EmbeddedPostgres(tmp_path / "postgres", free_port(), "secret")
    server.prepare()
    assert (tmp_path / "postgres" / "global").is_dir()


def test_data_of_another_version_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    server = EmbeddedPostgres(tmp_path / "postgres", free_port(), "secret")
    with pytest.raises(ServerNotMade, match="PostgreSQL 9의 데이터"):
        server.prepare()


def test_reason_why_no_folder_can_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "something").touch()  # cannot be replaced by the new folder
    with pytest.raises(ServerNotMade, match="데이터 폴더를 만들지 못했습니다"):
        EmbeddedPostgres(tmp_path / "postgres", free_port(), "secret").prepare()


def test_another_server_on_the_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    ours = EmbeddedPostgres(tmp_path / "postgres", free_port(), "secret")
    process = ServerProcess(ours)
    process.start()
    try:
        port = int(ours.url.rsplit(":", 1)[1].split("/")[0])
        assert not EmbeddedPostgres(tmp_path / "other", port, "another secret").is_ready()
        assert not EmbeddedValkey(tmp_path / "valkey", port, "secret").is_ready()
    finally:
        process.stop()


def test_passwords_are_in_no_list_of_processes(tmp_path: Path) -> None:
    for server in (
        EmbeddedPostgres(tmp_path / "postgres", free_port(), "hidden-word"),
        EmbeddedValkey(tmp_path / "valkey", free_port(), "hidden-word"),
    ):
        process = ServerProcess(server)
        process.start()
        try:
            assert "hidden-word" not in " ".join(psutil.Process(process.pid).cmdline())
        finally:
            process.stop()


def test_valkey_keeps_what_it_holds_when_it_is_killed(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", free_port(), "secret")
    process = ServerProcess(server)
    process.start()
    assert say(server, "SET", "kept", "yes") == "OK"
    process.kill()  # a power cut may cost the last second (appendfsync everysec), the end of the process nothing
    process.start()
    try:
        assert say(server, "GET", "kept") == "yes"
    finally:
        process.stop()


def say(server: EmbeddedValkey, *words: str) -> str:
    client = redis.Redis.from_url(server.url, decode_responses=True)
    try:
        answer = client.execute_command(*words)  # type: ignore[no-untyped-call]
        return "OK" if answer is True else str(answer)
    finally:
        client.close()
