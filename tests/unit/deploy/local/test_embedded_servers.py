from pathlib import Path

import psutil
import pytest
import redis

from deploy.local.embedded_postgres import EmbeddedPostgres, ServerNotMade
from deploy.local.embedded_valkey import EmbeddedValkey
from scripts.benchmarks.processes import free_port
from tests.real_servers import ServerProcess

# Far longer, in bytes, than the path of a Unix socket may be.
LONG = Path("가" * 60, " 나" * 20, 'with "quotes"')


def postgres(tmp_path: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(tmp_path / "postgres", free_port(), "secret")


def test_servers_run_in_a_long_korean_folder_without_a_password_in_the_list_of_processes(tmp_path: Path) -> None:
    ours = EmbeddedPostgres(tmp_path / LONG / "postgres", free_port(), "hidden-word")
    for server in (ours, EmbeddedValkey(tmp_path / LONG / "valkey", free_port(), "hidden-word")):
        process = ServerProcess(server)
        process.start()
        try:
            assert "hidden-word" not in " ".join(psutil.Process(process.pid).cmdline())
            # Another server on the port is not taken for ours.
            port = psutil.Process(process.pid).net_connections("tcp")[0].laddr.port
            assert not EmbeddedPostgres(tmp_path / "other", port, "another secret").is_ready()
            assert not EmbeddedValkey(tmp_path / "valkey", port, "secret").is_ready()
        finally:
            process.stop()


def test_folder_of_postgres_is_private_without_its_password_and_a_partial_one_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.making").mkdir()
    (tmp_path / "postgres.making" / "PG_VERSION").write_text("18")
    postgres(tmp_path).prepare()
    assert (tmp_path / "postgres").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "postgres" / "global").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["postgres"]


@pytest.mark.parametrize(
    ("file", "said"), [("PG_VERSION", "PostgreSQL 9의 데이터"), ("something", "데이터 폴더를 만들지 못했습니다")]
)
def test_reason_why_there_is_no_usable_folder_is_said(tmp_path: Path, file: str, said: str) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / file).write_text("9\n")  # a folder with something else cannot be replaced by the new one
    with pytest.raises(ServerNotMade, match=said):
        postgres(tmp_path).prepare()


def test_valkey_keeps_what_it_holds_when_it_is_killed(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", free_port(), "secret")
    process = ServerProcess(server)
    process.start()
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        client.set("kept", "yes")
    process.kill()  # a power cut may cost the last second (appendfsync everysec), the end of the process nothing
    process.start()
    try:
        with redis.Redis.from_url(server.url, decode_responses=True) as client:
            assert client.get("kept") == "yes"
    finally:
        process.stop()
