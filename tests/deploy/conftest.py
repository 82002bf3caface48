"""The gateway in front of four stub servers, each of which returns its name and the request that it received."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.gateway import gateway
from tests.topologies import Remote

MODULES = ("catalog", "orders", "payments", "users")


class StandIn(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = {"module": self.server.name, "path": self.path, "headers": dict(self.headers), "length": len(body)}  # type: ignore[attr-defined]
        self.server.received.append(request)  # type: ignore[attr-defined]
        reply = json.dumps(request).encode()
        self.send_response(200)
        for name, text in self.server.sends.items():  # type: ignore[attr-defined]
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 — the names of http.server

    def log_message(self, *_: Any) -> None: ...


def stand_in(name: str, port: int = 0) -> ThreadingHTTPServer:
    """A stub server, which answers until it is shut down, with the headers in `sends`; `received` has the requests."""
    server = ThreadingHTTPServer(("127.0.0.1", port), StandIn)
    server.daemon_threads = True
    server.name, server.sends, server.received = name, {}, []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@dataclass
class Entrance:
    """The gateway, and the stub servers behind it."""

    url: str
    modules: dict[str, ThreadingHTTPServer]

    def ask(self, path: str, method: str = "GET", json: Any = None, **headers: str) -> Any:
        """Send one request through the gateway."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return Remote(self.url).open(path, method=method, headers=named, json=json)

    def ends(self, module: str) -> int:
        """Stop the stub of a module. Returns its port."""
        server = self.modules.pop(module)
        server.shutdown()
        server.server_close()
        return int(server.server_address[1])


@pytest.fixture
def entrance(tmp_path: Path) -> Iterator[Entrance]:
    modules = {name: stand_in(name) for name in MODULES}
    with gateway(tmp_path, {name: int(each.server_address[1]) for name, each in modules.items()}) as url:
        made = Entrance(url, modules)
        yield made
        for name in tuple(made.modules):
            made.ends(name)
