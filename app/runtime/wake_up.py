"""Wake-ups between the processes of one shop on one host: a line in a pipe after each commit.

Each process has a named pipe in the folder that the shop's processes share. A line that is lost costs a second at most,
because every process also looks by itself.
"""

import os
import threading
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from pathlib import Path

from app.kernel.database import Database
from app.kernel.listeners import Notification
from app.wiring import Module

BUS, WORKER = "bus", "worker"  # the roles of processes
KINDS: tuple[Notification, ...] = ("event", "job")
PREFIX = "wake-up-"
CAPACITY = 65536  # bytes that a pipe holds


def join(folder: Path, role: str, modules: Sequence[Module]) -> None:
    """Notify the other processes of this one's commits, and receive theirs in a thread.

    The bus process is notified of events to send and jobs to run, the workers of changes that clients wait for.
    """
    own = folder / f"{PREFIX}{role}-{os.getpid()}"
    source = _open_pipe(own)
    for module in modules:
        for kind in KINDS if role == WORKER else ():
            module.database.listeners.on_notification(partial(_send, folder, BUS, own, [f"{module.name} {kind}"]), kind)
        module.database.listeners.on_change(partial(_send_changes, folder, own, module.name), only_of_this_process=True)
    databases = {module.name: module.database for module in modules}
    threading.Thread(target=_receive, args=(source, databases), name="wake-ups", daemon=True).start()


def _open_pipe(path: Path) -> int:
    """Open a new pipe for reading. It gets its name once it is open, as a pipe that nobody reads is deleted."""
    new = path.with_name(f"new-{path.name}")
    os.mkfifo(new, 0o600)
    source = os.open(new, os.O_RDWR)  # also for writing, so that reading never ends
    new.rename(path)
    return source


def _send_changes(folder: Path, own: Path, module: str, keys: AbstractSet[str]) -> None:
    _send(folder, WORKER, own, [f"{module} change {key}" for key in keys])


def _send(folder: Path, role: str, own: Path, lines: Iterable[str]) -> None:
    """Write the lines to the pipe of each other process of this role, and delete those whose process has ended."""
    for path in folder.iterdir():
        if not path.name.startswith(PREFIX + role) or path == own:
            continue
        try:
            pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            path.unlink(missing_ok=True)
            continue
        with suppress(BlockingIOError, BrokenPipeError):  # its process is awake, as the pipe is full, or has ended
            for line in lines:
                os.write(pipe, f"{line}\n".encode())  # short enough to be written whole or not at all
        os.close(pipe)


def _receive(source: int, databases: dict[str, Database]) -> None:
    rest = b""
    while True:
        *lines, rest = (rest + os.read(source, CAPACITY)).split(b"\n")
        for line in {*lines}:
            module, kind, *key = line.decode().split(" ")
            if key:
                databases[module].listeners.notify_of_changes({*key}, of_this_process=False)
            else:
                databases[module].listeners.notify({known for known in KINDS if known == kind})
