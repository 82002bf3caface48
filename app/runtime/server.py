"""The processes of a running shop: granian's workers, the process that runs the bus, and the programs beside it.

Without Kafka there is one worker, and it runs the bus itself. The parent holds the locks, watches the programs, and
restarts every process that dies. No process outlives the parent: the kernel kills them.
"""

import contextlib
import errno
import fcntl
import mmap
import multiprocessing
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from multiprocessing.synchronize import Semaphore
from multiprocessing.util import Finalize
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from app.config.settings import Settings
from app.kernel.private import keep_private
from app.runtime import wake_up
from app.runtime.background import DRAIN, Background
from app.runtime.child_processes import ENDING, end_children_with_us
from app.runtime.memory import keep_heap_small
from app.runtime.metrics_port import open_metrics_port
from app.runtime.pool_metrics import watch_pools
from app.runtime.programs import keep_running
from app.runtime.slow_bodies import Reading, keep_protocol
from app.telemetry.multiprocess import is_alive, shared_folder
from app.web.waiting import end_waiting
from app.wiring import Program

ORPHAN = 15.0  # seconds that the kernel may need to end the workers of a killed parent, on a busy machine
CONNECTIONS = 1024  # per worker, with a thread for each while bodies arrive slowly
OURS = {"loggers": {"_granian": {"propagate": True}}}  # logs through our handlers; otherwise to stdout
KILL = 30  # seconds before a worker that does not end is killed; more than the longest request and the drain need


class CannotServe(Exception):
    """The shop cannot start. The message is a sentence with the reason."""


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What to serve, where, and which programs run beside it."""

    app: Flask
    target: str  # the app's name for granian: wsgi:app
    host: str
    port: int
    threads: int
    workers: int  # processes that answer requests
    bus: Sequence[str] | None  # the command of the process that runs the bus; none: the only worker runs it
    grace: float  # seconds between the signal to end and refusing connections, in which /readyz fails
    lock_files: Sequence[Path]  # of data that only one shop may use at a time
    programs: Sequence[Program]  # started and stopped with the shop
    prepare: Callable[[], None]  # runs once the locks are taken, before anything is served
    when_ready: Callable[[], None]  # runs once, when /readyz succeeds

    @property
    def url(self) -> str:
        """The URL of the shop, without a slash at its end."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


def serve(serving: Serving) -> None:
    """Run until SIGTERM or Ctrl-C. Raises CannotServe."""
    keep_heap_small()
    with contextlib.ExitStack() as beside:
        for lock_file in serving.lock_files:
            beside.enter_context(_alone(lock_file))
        check_port(serving.host, serving.port, "PORT=5077", timeout=0 if serving.lock_files else ORPHAN)
        for program in serving.programs:
            check_port("127.0.0.1", program.port, f"{program.port_setting}=5078", timeout=3)
        serving.prepare()
        for program in serving.programs:
            beside.callback(keep_running(program))
        if serving.bus:
            beside.callback(keep_running(Program(serving.bus)))
        _serve(serving)


def _serve(serving: Serving) -> None:
    server = Granian(
        serving.target,
        address=serving.host,
        port=serving.port,
        interface=Interfaces.WSGI,
        workers=serving.workers,
        blocking_threads=CONNECTIONS,
        backpressure=CONNECTIONS,  # granian's default is for all workers together, and too low for many waits
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=KILL,
        log_level=LogLevels.warning,
        log_dictconfig=OURS,
    )
    keep_protocol()
    leaving, to_announce = mmap.mmap(-1, 1), multiprocessing.Semaphore(1)  # no lock that a killed worker could hold
    serving.app.extensions["quartet_leaving"] = leaving
    server.on_startup(partial(_end_on_signal, server.signal_handler_interrupt, leaving, serving.grace))
    worker = partial(_begin_worker, serving, to_announce)
    end_children_with_us()
    server.serve(target_loader=worker, wrap_loader=False)


def _end_on_signal(end: Callable[[], object], leaving: mmap.mmap, grace: float) -> None:
    """On a signal to end, let /readyz fail first, so that load balancers stop sending requests; end after `grace`
    seconds, or at once on a second signal.

    Granian's own handlers would run in the main thread, which waits for a lock. A signal that another thread takes, as
    one that starts a program may, does not wake it. The pipe is written by whichever thread takes the signal.
    """
    on_signal, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    for number in ENDING:
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        while os.read(on_signal, 1)[0] not in ENDING:
            pass
        leaving[0] = True
        select.select([on_signal], [], [], grace)
        while True:
            end()
            time.sleep(1)  # granian forgets it if it has just begun to restart a worker

    threading.Thread(target=wait, daemon=True).start()


def _begin_worker(serving: Serving, to_announce: Semaphore) -> Flask:
    """Prepare a worker after its fork. Without a bus process, it runs the bus until the last request is answered."""
    os.setpgid(0, 0)  # only the parent gets Ctrl-C, and then ends the worker in order
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # threads inherit it, so that only `_end_worker` takes a signal
    background: Background = serving.app.extensions["quartet_background"]
    settings: Settings = serving.app.extensions["quartet_settings"]
    Reading(serving.threads, settings.body_seconds).wrap(serving.app)
    watch_pools((module.name, module.database) for module in background.modules)
    if serving.bus:
        wake_up.join(shared_folder(), wake_up.WORKER, background.modules)
    else:
        background.start()
        open_metrics_port(settings, background.modules)
        Finalize(None, background.stop, args=(DRAIN,), exitpriority=10)
    threading.Thread(target=_end_worker, args=(serving.app,), daemon=True).start()
    threading.Thread(target=_announce, args=(serving, to_announce), daemon=True).start()
    return serving.app


def _end_worker(app: Flask) -> None:
    """On a signal to end, let no ?wait= run its full time, and call granian's handler of it, once there is one."""
    number = signal.sigwait(ENDING)
    end_waiting(app)
    while not callable(handler := signal.getsignal(number)):
        time.sleep(0.1)
    handler(number, None)  # once: on a second call, granian would not wait for the requests
    time.sleep(KILL)
    os._exit(1)  # granian ignores a signal that comes before it has begun to serve


def _announce(serving: Serving, to_announce: Semaphore) -> None:
    """Wait until the shop is ready, and call `when_ready` once: in the first worker to see it, not after a restart."""
    here = build_opener(ProxyHandler({}))  # ignores http_proxy
    while True:
        try:
            with here.open(f"{serving.url}/readyz", timeout=5):
                break
        except OSError:
            time.sleep(0.05)
    if to_announce.acquire(block=False):
        serving.when_ready()


def _alone(lock_file: Path) -> TextIOWrapper:
    """Take the lock. Workers inherit it, so that those of a killed parent hold it until the kernel has ended them.

    Raises CannotServe while another shop holds it.
    """
    try:
        keep_private(lock_file)
        lock = lock_file.open("a+")
    except OSError as error:
        raise CannotServe(f"The data cannot be locked: {error}. Set QUARTET_DATA to a writable folder.") from None
    deadline = time.monotonic() + ORPHAN
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = lock_file.read_text().strip()
            if is_alive(holder) or time.monotonic() > deadline:
                raise CannotServe(
                    f"Another shop (process {holder or 'unknown'}) uses the data in {lock_file.parent}/: "
                    "stop it, or set QUARTET_DATA to another folder."
                ) from None
            time.sleep(0.05)
        else:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            return lock


def check_port(host: str, port: int, another: str, timeout: float = 0) -> None:
    """Raises CannotServe if the port is in use for longer than `timeout` seconds. `another`: an example in the message.

    granian would share a port with another program, and payments would go to the sandbox of another shop.
    """
    deadline = time.monotonic() + timeout  # the sandbox of a killed parent ends meanwhile
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                taken = error.errno == errno.EADDRINUSE
                if taken and time.monotonic() < deadline:
                    time.sleep(0.05)
                    continue
                why = (
                    f"is taken by another program: choose another, as in {another}"
                    if taken
                    else f"cannot be opened: {error}"
                )
                raise CannotServe(f"Port {port} on {host} {why}.") from None
            return
