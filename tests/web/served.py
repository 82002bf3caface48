"""A module served as its owner would, and what it answers to very bytes."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests import attacks
from tests.conftest import ROOT, answers, free_port, until


@contextmanager
def served(folder: Path, entry: str = "app.modules.orders.wsgi", **settings: str) -> Iterator[int]:
    port = free_port()
    variables = {"PORT": str(port), "QUARTET_DATA": str(folder), "LOG_LEVEL": "warning", **settings}
    command = [sys.executable, "-m", "flask", "--app", entry, "serve"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **variables}, stdout=log, stderr=log)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/livez"), f"it serves; see {folder}/log", 30)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def published_to(port: int, head: str, body: bytes = b"") -> bytes:
    """What the server answers to these very bytes, until it closes or has said all."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1"))
        answer = b""
        with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough
            connection.sendall(body)
        with suppress(ConnectionResetError):
            while more := connection.recv(65536):
                answer += more
        attacks.count_raw(answer)
        return answer
