"""Files with the shop's data: only their owner can read them, whatever the umask is."""

import os
from pathlib import Path
from stat import S_IMODE

OTHERS = 0o077  # what everybody but the owner may do
BESIDE = ("-wal", "-shm", "-journal")  # suffixes of the files that SQLite creates with a file's permissions


def keep_private(path: Path) -> None:
    """Create a file that only its owner can read, and its folder. If the file exists, is ours and others can read it,
    remove their permissions. Raises OSError.

    An existing folder stays as it is, as it may be shared, like /tmp.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        for file in (path, *(path.with_name(path.name + suffix) for suffix in BESIDE)):
            _close_to_others(file)


def _close_to_others(path: Path) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:  # SQLite deletes these files when it ends
        return
    if status.st_mode & OTHERS and status.st_uid == os.geteuid():
        path.chmod(S_IMODE(status.st_mode) & ~OTHERS)
