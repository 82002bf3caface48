"""The two servers that are measured: the shop as started by `make run`, and the raw limit on granian as well."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

LIMITS = ("LOGIN", "WRONG_PASSWORDS", "REGISTRATION", "CONFIRM", "ORDERS", "UNITS", "WRITES", "READS")
ROOT = Path(__file__).parent.parent
GENEROUS = {f"LIMIT_{name}": "10000000/minute" for name in LIMITS}
GENEROUS |= {"MAX_OPEN_ORDERS": "1000000", "MAX_HELD_UNITS": "1000000000"}
RAW_THREADS = 4
STAFF = {"email": "staff@quartet.example", "password": "four parts one tune"}  # of the demo accounts


@dataclass(frozen=True)
class Running:
    """A running server; `ready_after` is its start time in seconds."""

    pid: int
    port: int
    ready_after: float

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, key: str | None = None, etag: str = ""
    ) -> Any:
        """Send one request and return the JSON of the response; again if the shop is too busy, after Retry-After.

        Raises RuntimeError on another error status.
        """
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"If-Match": etag} if etag else {}
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urlopen(Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)) as response:
                return json.loads(response.read() or b"null")
        except HTTPError as error:
            text = error.read().decode()[:500]
            if error.code != 503:
                raise RuntimeError(f"{method} {path}: {text}") from None
            time.sleep(float(error.headers["Retry-After"]))
            return self.call(method, path, body, token, key, etag)

    def sell_goods_alone(self) -> None:
        """Switch off the shipping methods of the demo, so that an order is what it was before there were any."""
        staff = self.call("POST", "/api/v1/auth/login", STAFF)["access_token"]
        try:
            methods = self.call("GET", "/api/v1/shipping/methods", token=staff)["items"]
        except RuntimeError:  # an older checkout has none
            return
        off = {"active": False, "reason": "a benchmark"}
        for each in methods:
            path, etag = f"/api/v1/shipping/methods/{each['code']}", f'"v{each["version"]}"'
            self.call("PATCH", path, off, staff, etag=etag)

    def resident(self) -> int:
        """Proportional memory (PSS) of the process and its children, in bytes."""
        return sum(pss(pid) for pid in family(self.pid))


def shop(folder: Path, entry: str = "wsgi", *options: str, **more: str) -> AbstractContextManager[Running]:
    """Run the whole shop, or one module alone, with this data folder. `more` are settings."""
    return shop_of(ROOT, folder, entry, *options, **more)


@contextmanager
def shop_of(tree: Path, folder: Path, entry: str, *options: str, **more: str) -> Iterator[Running]:
    """The same, of another checkout."""
    port = free_port()
    variables = {"QUARTET_DATA": str(folder), "PORT": str(port), "SANDBOX_PORT": str(free_port()), **GENEROUS}
    command = [sys.executable, "-m", "flask", "--app", entry, "serve", *options]
    variables |= {"LOG_LEVEL": "warning", **more}
    with _started(command, port, "/readyz", variables, tree) as running:
        if "--demo" in options:
            running.sell_goods_alone()
        yield running


@contextmanager
def raw(target: str, workers: int, **variables: str) -> Iterator[Running]:
    """Run bare WSGI on the same server."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-log"]
    command += ["--workers", str(workers), "--blocking-threads", str(RAW_THREADS), "--backpressure", "1024", target]
    with _started(command, port, "/product", variables) as running:
        yield running


@contextmanager
def node_hello() -> Iterator[Running]:
    """One process of Node that answers every request with a few bytes."""
    port = free_port()
    script = f"require('http').createServer((_, answer) => answer.end('hello')).listen({port}, '127.0.0.1')"
    with _started(["node", "-e", script], port, "/", {}) as running:
        yield running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _started(
    command: list[str], port: int, ready: str, variables: dict[str, str], tree: Path = ROOT
) -> Iterator[Running]:
    start = time.monotonic()
    process = subprocess.Popen(
        command, cwd=tree, env={**os.environ, **variables}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}{ready}"):
            if process.poll() is not None or time.monotonic() - start > 60:
                raise RuntimeError(f"{' '.join(command)} did not become ready within a minute")
            time.sleep(0.02)
        yield Running(process.pid, port, time.monotonic() - start)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def family(pid: int) -> list[int]:
    """A process, its children, and theirs."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def pss(pid: int) -> int:
    """Proportional memory of one process, in bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
