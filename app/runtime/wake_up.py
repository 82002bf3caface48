"""Wake-ups between the processes of one shop: a datagram after each commit. A missed one costs a second at most."""

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
    """Send a datagram after each commit of these modules that publishes an event or adds a job."""
    to.setblocking(False)
    for module in modules:
        for kind in KINDS:
            module.database.on_notification(partial(_send, to, f"{module.name} {kind}".encode()), kind)


def receive(modules: Iterable[Module], source: socket.socket) -> None:
    """Pass on the notifications of other processes to the listeners of this one. Does not return."""
    databases = {module.name: module.database for module in modules}
    known: dict[bytes, tuple[str, Notification]] = {
        f"{name} {kind}".encode(): (name, kind) for name in databases for kind in KINDS
    }
    while True:
        name, kind = known[source.recv(100)]
        databases[name].notify({kind})


def _send(to: socket.socket, notification: bytes) -> None:
    with contextlib.suppress(OSError):  # the buffer is full, so the receiver is awake; or it is not running
        to.send(notification)
