"""With a log in JSON every line is JSON: those of the server, of Python, of a failed thread, of a dead child."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.live import LiveShop
from tests.conftest import until
from tests.topologies import command_of

pytestmark = pytest.mark.slow
TROUBLE = """
import os, sys, threading, time, warnings


def trouble():
    while not os.path.exists({go!r}):
        time.sleep(0.1)
    warnings.warn("something is\\nodd")
    raise ValueError("in a\\nthread")


if sys.argv[-1] == "serve" or "serve" in sys.orig_argv:
    threading.Thread(target=trouble, daemon=True).start()
"""
EXPECTED = (  # a part of each message
    "KAFKA_BOOTSTRAP is set, but it is not a setting",
    "Unexpected exit from worker",
    "something is\nodd",
    "a thread ended with an error",
    "sandbox ended with",
)


@pytest.fixture
def troubled(tmp_path: Path) -> Iterator[LiveShop]:
    """A shop in which, on demand, Python warns and a thread fails."""
    (tmp_path / "sitecustomize.py").write_text(TROUBLE.format(go=str(tmp_path / "go")))
    with LiveShop(tmp_path, PYTHONPATH=str(tmp_path), KAFKA_BOOTSTRAP="127.0.0.1:9") as shop:
        shop.start()
        yield shop


def children(pid: int) -> dict[int, str]:
    """The child processes of a process, with their command lines."""
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(each): command_of(int(each)).decode().replace("\0", " ") for each in pids}


def lines(shop: LiveShop) -> tuple[list[Any], list[str]]:
    """The lines of the log that are JSON, and those that are not."""
    parsed, others = [], []
    for line in shop.log.read_text().splitlines():
        if line.startswith("{"):
            parsed.append(json.loads(line))
        elif line.strip():
            others.append(line)
    return parsed, others


def test_every_line_that_is_not_the_banners_is_json(troubled: LiveShop) -> None:
    assert troubled.process
    until(lambda: "Ctrl-C" in troubled.log.read_text(), "the banner is complete; it appears after the first answer")
    banner = set(lines(troubled)[1])

    (troubled.folder / "go").touch()
    for pid in children(troubled.process.pid):  # the worker, and the sandbox
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(logged(troubled)) == len(EXPECTED), f"all messages are in the log; see {troubled.log}")
    until(troubled.is_ready, "the worker is back")
    troubled.stop()

    assert all(line.startswith("  ") for line in banner), banner
    assert [line for line in lines(troubled)[1] if line not in banner] == []


def logged(shop: LiveShop) -> set[str]:
    """The expected messages that are in the log, as JSON."""
    messages = [line["message"] for line in lines(shop)[0]]
    return {part for part in EXPECTED if any(part in message for message in messages)}
