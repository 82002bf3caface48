"""Where the processes of one shop count together: a folder of memory-mapped files.

prometheus_client decides as it is imported whether to count by process or in such files, so this comes before it. A
shop without Kafka is one process and needs none.
"""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "quartet-metrics-"


def share_metrics() -> None:
    """Make the folder of this process and its children, and forget those of processes that were killed."""
    if VARIABLE in os.environ or not os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return
    above, own = Path(tempfile.gettempdir()), os.getpid()
    for folder in above.glob(f"{PREFIX}*"):
        if not is_alive(folder.name.removeprefix(PREFIX)) or folder.name == f"{PREFIX}{own}":
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays
    folder = above / f"{PREFIX}{own}"
    folder.mkdir(mode=0o700)
    os.environ[VARIABLE] = str(folder)
    atexit.register(_remove, folder, own)


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


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not as a child ends
        shutil.rmtree(folder, ignore_errors=True)
