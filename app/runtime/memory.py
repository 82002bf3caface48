"""The memory of a shop's processes: what is given back to the system, and what they share."""

import ctypes
import gc

LIBC = ctypes.CDLL(None)
GLIBC = hasattr(LIBC, "malloc_trim")  # other C libraries have one heap, and give back large blocks
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # malloc.h of glibc
LARGE = 4 * 1024 * 1024  # bytes


def keep_heap_small() -> None:
    """Use one heap for all threads of this process, and of those forked from it, and no blocks of 4 MiB or more in it.

    By default glibc makes up to eight heaps for each core, whose gaps cost an embedded shop 16 MB, and keeps blocks of
    up to 32 MiB that are freed: the 19 MiB of a password's hash for each thread that has computed one. To have them
    from the system each time takes 6 of the 29 ms of a hash.
    """
    if GLIBC:
        LIBC.mallopt(M_ARENA_MAX, 1)
        LIBC.mallopt(M_MMAP_THRESHOLD, LARGE)


def share_with_forks() -> None:
    """Give back what is free, and keep the rest as it is, so that processes forked from this one share it."""
    gc.collect()
    gc.freeze()  # no collection looks at it
    if GLIBC:
        LIBC.malloc_trim(0)
