"""Programs that run beside the shop: started with it, restarted when they end, and stopped with it."""

import logging
import os
import subprocess
import sysconfig
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.runtime.child_processes import die_with
from app.wiring import Program

log = logging.getLogger(__name__)
CODE = Path(__file__).parents[2]  # the folder from which this app was imported
END = 25.0  # seconds after SIGTERM at which a program is killed; more than the bus needs to drain


def keep_running(program: Program) -> Callable[[], None]:
    """Start a program, and restart it whenever it ends, until the returned function is called, which stops it."""
    stopping, restarting = threading.Event(), threading.Lock()
    running = [_start(program)]

    def watch() -> None:
        while True:
            running[0].wait()
            stopping.wait(0.2)
            with restarting:
                if stopping.is_set():
                    return
                log.warning("%s ended with status %s; restarting it", program.command[2], running[0].returncode)
                running[0] = _start(program)

    def stop() -> None:
        with restarting:
            stopping.set()
        running[0].terminate()
        try:
            running[0].wait(timeout=END)
        except subprocess.TimeoutExpired:
            running[0].kill()

    threading.Thread(target=watch, daemon=True).start()
    return stop


def _start(program: Program) -> subprocess.Popen[bytes]:
    """Start it in its own process group, so that only we get Ctrl-C. It dies with us, even during its start."""
    return subprocess.Popen(  # noqa: S603 — our own command line
        program.command,
        env={**os.environ, **_path(), **program.variables},
        process_group=0,
        stdout=subprocess.DEVNULL,
        preexec_fn=partial(die_with, os.getpid()),
    )


def _path() -> dict[str, str]:
    """The PYTHONPATH with which a program finds our code, whatever the current folder; empty if the code is installed.

    The programs run with -P, which leaves the current folder out of the path: an app.py there is not ours.
    """
    if Path(sysconfig.get_path("purelib")) == CODE:
        return {}
    before = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([str(CODE), *([before] if before else [])])}
