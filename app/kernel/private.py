"""Files that hold the shop's data: for their owner alone, whatever the umask is."""

import os
from pathlib import Path
from stat import S_IMODE

OTHERS = 0o077  # what everybody but the owner may do
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file, with that file's permissions


def keep_private(path: Path) -> None:
    """Make a file that its owner alone can read, and its folder; close one of ours that others can. Raises OSError.

    A folder that is there stays as it is: it may be everybody's, as /tmp.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        for file in (path, *(path.with_name(path.name + suffix) for suffix in BESIDE)):
            _close_to_others(file)


def _close_to_others(path: Path) -> None:
    try:
        found = path.stat()
    except FileNotFoundError:  # SQLite takes these away as it ends
        return
    if found.st_mode & OTHERS and found.st_uid == os.geteuid():
        path.chmod(S_IMODE(found.st_mode) & ~OTHERS)
