"""Wake-ups between the processes of one shop: a datagram after a commit. Whoever misses one looks by itself."""

import contextlib
import logging
import socket
from collections.abc import Iterable
from functools import partial

from app.kernel.database import Notification
from app.wiring import Module

log = logging.getLogger(__name__)

KINDS: tuple[Notification, ...] = ("event", "job")


def notify(modules: Iterable[Module], to: socket.socket) -> None:
    """Have every commit of these modules told, from now on."""
    to.setblocking(False)
    for module in modules:
        for kind in KINDS:
            module.database.on_notification(partial(_send, to, f"{module.name} {kind}".encode()), kind)


def receive(modules: Iterable[Module], source: socket.socket) -> None:
    """Pass on what others committed to those here who wait for it; does not return."""
    databases = {module.name: module.database for module in modules}
    known: dict[bytes, tuple[str, Notification]] = {
        f"{name} {kind}".encode(): (name, kind) for name in databases for kind in KINDS
    }
    while True:
        name, kind = known[source.recv(100)]
        databases[name].notify({kind})


def _send(to: socket.socket, words: bytes) -> None:
    with contextlib.suppress(OSError):  # it is awake already, or not there
        to.send(words)
