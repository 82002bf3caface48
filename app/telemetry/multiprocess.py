"""The folder that the processes of one shop share: metrics in memory-mapped files, and pipes for wake-ups.

prometheus_client decides on import whether to count per process or in such files, so `share_metrics` is called before
that import. A shop without Kafka is one process and does not need the folder.
"""

import atexit
import fcntl
import os
import re
import shutil
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "quartet-counts-"


def share_metrics() -> None:
    """Create a folder for this process and its children, and delete the folders of shops that were killed."""
    if VARIABLE in os.environ or not os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_unless_locked(old)
    folder = _locked_folder()
    os.environ[VARIABLE] = str(folder)
    atexit.register(_remove, folder, os.getpid())


def shared_folder() -> Path:
    """The folder. Raises KeyError in a shop without Kafka."""
    return Path(os.environ[VARIABLE])


def forget_the_dead() -> None:
    """Delete the live gauges of processes that have ended. Their counters stay."""
    if folder := os.environ.get(VARIABLE):
        for file in Path(folder).glob("gauge_live*_*.db"):
            pid = re.search(r"_(\d+)\.db$", file.name)
            if pid and not is_alive(pid[1]):
                file.unlink(missing_ok=True)


def is_alive(pid: str) -> bool:
    """Whether a process with this id runs on this machine."""
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def _locked_folder() -> Path:
    """Create a folder that only we can read, locked as long as this process or a child of it lives."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        # a shop that started at the same time may have deleted the folder as an old one
        if _lock(folder) is not None and folder.exists():
            return folder


def _lock(folder: Path) -> int | None:
    """Lock the folder itself; None if it is locked. A process id in a file may be reused, and means nothing in another
    container.
    """
    try:
        locked = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(locked)
        return None
    return locked


def _remove_unless_locked(folder: Path) -> None:
    locked = _lock(folder)
    if locked is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(locked)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not when a child ends
        shutil.rmtree(folder, ignore_errors=True)
