"""Programs that live beside the shop: started with it, started again when they end, and ended with it."""

import logging
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from functools import partial

from app.runtime.child_processes import die_with
from app.wiring import Program

log = logging.getLogger(__name__)
END = 25.0  # seconds before a program that does not end is killed; more than the bus takes to drain


def keep_running(program: Program, *descriptors: int) -> Callable[[], None]:
    """Start a program, and again whenever it ends, until the function returned is called."""
    stopping = threading.Event()
    running = [_start(program, descriptors)]

    def watch() -> None:
        while not stopping.is_set():
            running[0].wait()
            if not stopping.wait(0.2):
                log.warning("%s ended with %s; starting it again", program.command[2], running[0].returncode)
                running[0] = _start(program, descriptors)

    def stop() -> None:
        stopping.set()
        running[0].terminate()
        try:
            running[0].wait(timeout=END)
        except subprocess.TimeoutExpired:
            running[0].kill()

    threading.Thread(target=watch, daemon=True).start()
    return stop


def _start(program: Program, descriptors: Sequence[int]) -> subprocess.Popen[bytes]:
    """In a process group of its own, so that Ctrl-C reaches us first; it dies with us, also before it has begun."""
    return subprocess.Popen(  # noqa: S603 — our own command line
        program.command,
        env={**os.environ, **program.variables},
        process_group=0,
        stdout=subprocess.DEVNULL,
        pass_fds=descriptors,
        preexec_fn=partial(die_with, os.getpid()),
    )
