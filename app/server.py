"""The processes of a running shop: granian with one worker that also carries the bus, and the programs beside it."""

import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import click
from granian import Granian
from granian.constants import Interfaces

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What to serve, where, and what lives beside it."""

    app: Any
    target: str
    host: str
    port: int
    threads: int
    lock_file: Path
    grace: float
    children: Sequence[Sequence[str]]
    prepare: Callable[[], None]
    when_ready: Callable[[], None]


def serve(serving: Serving) -> int:
    """Run until SIGTERM or Ctrl-C; the exit code."""
    lock = serving.lock_file
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = lock.open("a+")
    deadline = time.monotonic() + 5
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            if time.monotonic() > deadline:
                click.echo(f"Another shop runs on {lock.parent}", err=True)
                return 1
            time.sleep(0.1)
    serving.prepare()
    children = [subprocess.Popen(argv) for argv in serving.children]
    threading.Thread(target=_announce, args=(serving,), daemon=True).start()
    server = Granian(
        serving.target,
        address=serving.host,
        port=serving.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=serving.threads,
        backpressure=1024,
        respawn_failed_workers=True,
        respawn_interval=0.3,
        workers_kill_timeout=30,
        log_level="warning",
    )
    parent = os.getpid()
    server.serve(target_loader=lambda _target: _load(serving.app, parent))
    for child in children:
        child.terminate()
        child.wait()
    return 0


def _announce(serving: Serving) -> None:
    while True:
        try:
            with urlopen(f"http://{serving.host}:{serving.port}/readyz", timeout=2) as response:
                if response.status == 200:
                    serving.when_ready()
                    return
        except OSError:
            time.sleep(0.05)


def _load(app: Any, parent: int) -> Any:
    """In the worker, after the fork: die with the parent, carry the bus until the end."""
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
    background = app.extensions["quartet_background"]
    background.start()
    Finalize(None, background.stop, args=(8.0,), exitpriority=10)
    return app
