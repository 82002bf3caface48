"""Fixtures for all tests: a shop, and a Stripe sandbox where money is needed."""

import contextlib
import gc
import os
import re
import secrets
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import hypothesis
import pytest
from redis.connection import Connection

from tests import attacks, compiled
from tests.servers import is_wanted

ROOT = Path(__file__).parent.parent
SETTINGS = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
for name in SETTINGS:  # a shop's settings, loaded in this terminal, are none of the tests'
    os.environ.pop(name, None)
compiled.share()
hypothesis.settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("unhurried")

PYTHON_THAT_ENDS_WITH_US = [  # whoever stops the tests leaves no shop behind; 1: PR_SET_PDEATHSIG of linux/prctl.h
    sys.executable,
    "-c",
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])",
]


BROKEN_OFF = (OSError, HTTPException)  # whoever answered was killed: before a word of it, or in the middle


WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9").removeprefix("gw")) % 10
PORTS = 1_200  # of each worker of pytest
MAX_SLOWDOWN = 5
_next_port = count(secrets.randbelow(PORTS))


def free_port() -> int:
    """A port that nobody listens on just now; below those that the kernel gives to whoever connects somewhere, or one
    would be taken now and then before the program that it is for has started.

    Each worker has its own, and gives them in turns: servers share a port with whoever listens on it as well, so two
    shops that were given the same one would answer each other's requests.
    """
    while True:
        port = 20_000 + WORKER * PORTS + next(_next_port) % PORTS
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until(true: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Wait for a condition, and say what it was if it does not come.

    `seconds`: what it may take on a quiet machine; on one that is busy with others it gets MAX_SLOWDOWN times as long.
    It looks less often the longer it waits, for a look may cost those who are waited for as much as what they do.
    """
    seconds *= MAX_SLOWDOWN
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        if found := true():
            return found
        time.sleep(min(0.02 + waited / 20, 0.2))
    raise AssertionError(f"not within {seconds} s: {what}")


def answers(url: str) -> bool:
    """Whether something serves there."""
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except BROKEN_OFF:
        return False


def newest_migration(module: str) -> str:
    """The number of a module's last one."""
    return max(path.name.partition("_")[0] for path in (ROOT / "migrations" / module).glob("[0-9]*.py"))


def accepted(listener: socket.socket) -> int:
    """How many connections a server has been asked for that never answers; they are closed."""
    count = 0
    listener.settimeout(0)
    with contextlib.suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count


def pytest_xdist_auto_num_workers() -> int:
    """Without servers, enough to keep the cores busy while some wait. PostgreSQL takes a hundred connections, and each
    worker keeps shops of its own there.
    """
    return 4 if is_wanted("TEST_ORDERS_DATABASE_URL") else min(3 * (os.cpu_count() or 1), 12)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no worker is left with a long one while the others have ended."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among what stays until the end.

    Each test leaves an application whose parts refer to each other; looking for them among ten thousand tests took a
    fifth of the time.
    """
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Count what a hostile test tries."""
    before = Counter(attacks.answered)
    yield
    if kind := attacks.kind_of(item.path):
        item.user_properties.append(("attack", [kind, *attacks.since(before)]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long each suite took, all its workers together."""
    took: Counter[str] = Counter()
    tried: list[Any] = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                tried += [value for name, value in report.user_properties if name == "attack" and report.when == "call"]
                took[report.nodeid.split("/")[1]] += round(report.duration * 1000)
    for suite, milliseconds in took.most_common():
        terminalreporter.write_line(f"{suite:<14}{milliseconds / 1000:>8.1f} s")
    for line in attacks.table(tried):
        terminalreporter.write_line(line)


@pytest.fixture
def sent_to_redis(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What this thread sends to Redis from now on: each is one round trip."""
    sent: list[bytes] = []
    send: Any = Connection.send_packed_command
    me = threading.get_ident()

    def record(connection: Connection, command: Any, *options: Any, **more: Any) -> None:
        if threading.get_ident() == me:
            sent.append(b"".join(command) if not isinstance(command, bytes) else command)
        send(connection, command, *options, **more)

    monkeypatch.setattr(Connection, "send_packed_command", record)
    return sent


@contextlib.contextmanager
def answering(server: socketserver.BaseServer) -> Iterator[None]:
    """Let a server answer in a thread, until the end of the block. A thread that outlives its server uses up a core."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()


@contextlib.contextmanager
def sandbox_over(file: Path) -> Iterator[str]:
    """A Stripe sandbox as a process of its own, which sends no webhooks; its address."""
    port = free_port()
    command = [*PYTHON_THAT_ENDS_WITH_US, "-m", "sandbox", "--port", str(port), "--database", str(file)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/sandbox/health"), "the sandbox answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One for all tests of this process."""
    with sandbox_over(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite") as address:
        yield address


@pytest.fixture
def sandbox(running_sandbox: str) -> str:
    """The address of a sandbox in which nothing has happened yet."""
    urlopen(Request(f"{running_sandbox}/sandbox/state", method="DELETE"), timeout=60).close()
    return running_sandbox
