"""Fixtures for all tests: a shop, and a Stripe sandbox where money is needed."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], what: str, seconds: float = 15) -> Any:
    """Wait for a condition, and say what it was if it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def answers(url: str) -> bool:
    """Whether something serves there."""
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    """A Stripe sandbox as a process of its own; its address. Its webhooks go nowhere."""
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--database", str(tmp_path / "sandbox.sqlite")]
    command += ["--webhook-url", "http://127.0.0.1:9/", "--webhook-secret", "whsec_test"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/sandbox/state"), "the sandbox answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)
