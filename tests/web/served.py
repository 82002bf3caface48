"""A module served by a real server, and its answers to raw bytes."""

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
        until(lambda: answers(f"http://127.0.0.1:{port}/livez"), f"it serves; see {folder}/log", 120)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=120)


def published_to(port: int, head: str, body: bytes = b"") -> bytes:
    """The server's answer to these bytes, read until it closes the connection or the answer is complete."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1"))
        answer = b""
        with suppress(BrokenPipeError, ConnectionResetError):  # the server has closed the connection already
            connection.sendall(body)
        with suppress(ConnectionResetError):
            while more := connection.recv(65536):
                answer += more
        attacks.count_raw(answer)
        return answer
