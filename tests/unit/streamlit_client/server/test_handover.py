"""Two processes behind one port: each browser reaches its own, whichever accepted the connection."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from uuid import UUID

import psutil
import pytest

from deploy.local.child import dies_with_parent
from scripts.benchmarks.processes import free_port
from streamlit_client.server.handover import slot_of
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS
from tests.real_servers import REPOSITORY

BROWSERS = [str(UUID(int=number)) for number in range(12)]


class Group:
    """A running group of two processes."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def members(self) -> set[int]:
        return {child.pid for child in psutil.Process(self.process.pid).children()}

    def ask(self, connection: HTTPConnection, browser: str = "", body: bytes = b"") -> tuple[int, int]:
        """Returns the id of the process that answers, and the size of the body it got."""
        headers = {"Cookie": f"other=1; browser_id={browser}"} if browser else {}
        connection.request("POST", "/", body, headers)
        pid, size = connection.getresponse().read().split()
        return int(pid), int(size)

    def serves(self) -> bool:
        try:
            self.ask(self.connect())
        except ConnectionError:
            return False
        return True


@contextmanager
def running_group(**environment: str) -> Iterator[Group]:
    port = free_port()
    argv = [sys.executable, "-m", "tests.group_program", str(port), "2"]
    process = subprocess.Popen(argv, env=os.environ | environment, cwd=REPOSITORY, preexec_fn=dies_with_parent())
    try:
        yield Group(port, process)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def group() -> Iterator[Group]:
    with running_group() as running:
        wait_until(running.serves)
        wait_until(lambda: len({running.ask(running.connect(), browser)[0] for browser in BROWSERS}) == 2)
        yield running


def test_each_browser_reaches_its_process_on_any_connection(group: Group) -> None:
    connections = [group.connect() for _ in range(3)]
    answering = {browser: {group.ask(one, browser)[0] for one in connections * 2} for browser in BROWSERS}
    assert {len(pids) for pids in answering.values()} == {1}
    assert set.union(*answering.values()) == group.members()


def test_body_goes_with_its_headers(group: Group) -> None:
    connection = group.connect()
    for browser in BROWSERS:
        assert group.ask(connection, browser, b"x" * 700_000)[1] == 700_000


def test_headers_in_pieces_are_read_before_the_connection_moves(group: Group) -> None:
    whole = group.connect()
    for browser in BROWSERS[:6]:
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nCookie: browser_id={browser}\r\nContent-Length: 3\r\n\r\nabc"
        with socket.create_connection(("127.0.0.1", group.port), PATIENCE_SECONDS) as pieces:
            pieces.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for start in range(0, len(head), 30):
                pieces.sendall(head[start : start + 30].encode())
            answer = pieces.makefile("rb")
            while answer.readline().strip():
                pass
            assert answer.read(len(str(group.ask(whole, browser)[0])) + 2).split()[1] == b"3"


def test_browser_without_a_cookie_is_answered_by_any(group: Group) -> None:
    assert group.ask(group.connect())[0] in group.members()
    assert slot_of(b"GET / HTTP/1.1\r\nreferer: /?browser_id=" + BROWSERS[0].encode() + b"\r\n\r\n", 2) is None
    assert slot_of(b"GET / HTTP/1.1\r\n\r\n\r\ncookie: browser_id=" + BROWSERS[0].encode() + b"\r\n", 2) is None


def test_process_that_dies_is_replaced_and_meanwhile_the_other_answers(group: Group) -> None:
    connection = group.connect()
    homes = {browser: group.ask(connection, browser)[0] for browser in BROWSERS}
    dead, living = sorted(group.members())
    os.kill(dead, signal.SIGKILL)
    wait_until(lambda: dead not in group.members())
    assert {group.ask(group.connect(), browser)[0] for browser in BROWSERS if homes[browser] == living} == {living}
    others = [browser for browser in BROWSERS if homes[browser] == dead]
    assert {group.ask(group.connect(), browser)[1] for browser in others} == {0}
    wait_until(lambda: {group.ask(group.connect(), browser)[0] for browser in others}.isdisjoint({dead, living}))


def test_all_are_replaced_on_a_signal_without_a_failed_request(group: Group) -> None:
    before = group.members()
    failures: list[BaseException] = []
    is_over = threading.Event()

    def ask_on() -> None:
        kept = group.connect()
        while not is_over.is_set():
            for browser in BROWSERS:
                try:
                    group.ask(kept, browser)
                    group.ask(group.connect(), browser)
                except (OSError, ValueError) as error:
                    failures.append(error)

    asking = threading.Thread(target=ask_on)
    asking.start()
    group.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(group.members()) == 2 and group.members().isdisjoint(before))
    is_over.set()
    asking.join()
    assert failures == []


def test_members_end_with_their_parent() -> None:
    with running_group() as group:
        wait_until(group.serves)
        members = [psutil.Process(pid) for pid in group.members()]
        group.process.kill()
        assert psutil.wait_procs(members, 30)[1] == []


def test_group_ends_with_the_code_of_a_member_that_cannot_start() -> None:
    with running_group(FAIL="1") as group:
        assert group.process.wait(PATIENCE_SECONDS) == 7
