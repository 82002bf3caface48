"""Where the processes of one shop count together: a folder of memory-mapped files.

prometheus_client decides as it is imported whether to count by process or in such files, so this comes before it. A
shop without Kafka is one process and needs none.
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
    """Make a folder for this process and its children, and take away those whose processes were killed."""
    if VARIABLE in os.environ or not os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_unless_locked(left)
    folder = _locked_folder()
    os.environ[VARIABLE] = str(folder)
    atexit.register(_remove, folder, os.getpid())


def forget_the_dead() -> None:
    """Drop what processes that are no more said of their present: what they counted stays."""
    if folder := os.environ.get(VARIABLE):
        for file in Path(folder).glob("gauge_live*_*.db"):
            pid = re.search(r"_(\d+)\.db$", file.name)
            if pid and not is_alive(pid[1]):
                file.unlink(missing_ok=True)


def is_alive(pid: str) -> bool:
    """Whether there is such a process on this machine."""
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def _locked_folder() -> Path:
    """Of ours alone, and held as long as this process or a child of it lives."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        if _lock(folder) is not None and folder.exists():  # else one who started with us took it for left behind
            return folder


def _lock(folder: Path) -> int | None:
    """A lock on the folder itself: a number may be another's by now, and is unknown in another container."""
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
    if os.getpid() == owner:  # not as a child ends
        shutil.rmtree(folder, ignore_errors=True)
