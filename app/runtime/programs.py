"""Programs that live beside the shop: started with it, started again when they end, and ended with it."""

import logging
import os
import subprocess
import sysconfig
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from app.runtime.child_processes import die_with
from app.wiring import Program

log = logging.getLogger(__name__)
CODE = Path(__file__).parents[2]  # the folder that this app was imported from
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
        env={**os.environ, **_path(), **program.variables},
        process_group=0,
        stdout=subprocess.DEVNULL,
        pass_fds=descriptors,
        preexec_fn=partial(die_with, os.getpid()),
    )


def _path() -> dict[str, str]:
    """Has a program find the code that we run, wherever the shop was started; Python itself finds what is installed.

    Such a program runs with -P, which keeps the folder that we are in out: an app.py there is none of ours.
    """
    if Path(sysconfig.get_path("purelib")) == CODE:
        return {}
    before = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([str(CODE), *([before] if before else [])])}
