import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.obstacles import (
    database_obstacles,
    openmp_obstacles,
    port_obstacles,
    redis_obstacles,
    wait_for_leavers,
)
from scripts.benchmarks.processes import free_port
from servicekit.korean_text.particles import choose_particles
from tests.patience import PATIENCE_SECONDS, no_limit_passed

SECRET = "do-not-tell"


def test_taken_port_is_said_with_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
        (said,) = port_obstacles([("GATEWAY_PORT", port), ("STREAMLIT_PORT", free_port())])
        assert choose_particles(f"포트 {port}을(를) 다른 프로그램이 쓰고 있습니다") in said
        suggested = said.split("GATEWAY_PORT=")[1].split()[0]
        assert list(port_obstacles([("GATEWAY_PORT", int(suggested))])) == []


def test_port_taken_on_all_addresses_is_taken_and_one_that_was_just_left_is_free() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = int(server.getsockname()[1])
        assert list(port_obstacles([("GATEWAY_PORT", port)]))
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            pass  # the closed connection leaves the port in TIME_WAIT
    assert list(port_obstacles([("GATEWAY_PORT", port)])) == []


def test_same_port_for_two_is_said() -> None:
    port = free_port()
    (said,) = port_obstacles([("GATEWAY_PORT", port), ("STREAMLIT_PORT", port)])
    assert said == f"GATEWAY_PORT와 STREAMLIT_PORT가 같은 포트 {port}입니다. 서로 다른 포트를 지정하세요."


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="root may use every port")
def test_port_of_the_system_is_said_to_be_forbidden() -> None:
    (said,) = port_obstacles([("GATEWAY_PORT", 80)])
    assert "1024 이상의 포트" in said


def test_missing_openmp_is_said_with_the_command_that_installs_it() -> None:
    def load(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    (said,) = openmp_obstacles(load)
    assert "apt-get install libgomp1" in said
    assert list(openmp_obstacles(lambda _: None)) == []


def test_server_that_cannot_be_used_is_said_without_the_password(database_url: str, redis_url: str) -> None:
    address = f"127.0.0.1:{free_port()}"
    for obstacles, unreachable in (
        (database_obstacles, f"postgresql://person:{SECRET}@{address}/daegu"),
        (redis_obstacles, f"redis://:{SECRET}@{address}"),
    ):
        (said,) = obstacles(unreachable)
        assert address in said
        assert SECRET not in said
        assert "\n" not in said
    (said,) = database_obstacles(database_url.replace("not-a-secret", SECRET))
    assert "password authentication failed" in said
    assert SECRET not in said
    assert [*database_obstacles(database_url), *redis_obstacles(redis_url)] == []


def test_programs_of_a_killed_run_are_waited_for(tmp_path: Path) -> None:
    with _waiting_program(start_new_session=True) as leaving:
        (tmp_path / "postgres.pid").write_text(str(leaving.pid))
        (tmp_path / "gone.pid").write_text(str(2**22 + 1))  # above what the system gives
        (tmp_path / "half.pid").touch()
        wait_for_leavers(tmp_path, seconds=0.2)
        assert leaving.poll() is None  # and only that long
        assert leaving.stdin
        leaving.stdin.close()
        leaving.wait()
    wait_for_leavers(tmp_path, seconds=60.0)


def test_program_that_has_the_number_of_an_old_one_is_not_waited_for(tmp_path: Path) -> None:
    with _waiting_program(start_new_session=False) as other:
        (tmp_path / "postgres.pid").write_text(str(other.pid))
        with no_limit_passed():
            wait_for_leavers(tmp_path, seconds=PATIENCE_SECONDS)
        other.communicate()


def _waiting_program(**options: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]
