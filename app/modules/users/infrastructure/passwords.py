"""Passwords as argon2id hashes, of which only so many are computed at once."""

import os
import sys
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.errors import Unavailable
from app.kernel.places import leave_place

T = TypeVar("T")

WAIT = 5.0  # seconds until a hash has begun
NICE = 7  # added to the nice value of threads that hash: beside a busy thread, one gets about a sixth of a core
MAX_SEATS = 4  # by default: a container with a limit of two cores and 1 GB may see all 64 of its machine


class Argon2Passwords:
    """argon2id with m = 19 MiB, t = 2, p = 1, the minimum of OWASP's Password Storage Cheat Sheet:
    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id

    `seats` threads of each process hash, in the order in which they are asked, and nobody else does, so the memory is
    bounded. They have a lower priority than all others, so that readers are answered first. A request that waits for
    them holds no place of its process, and is refused with Unavailable(passwords_busy) if none has begun with its
    password in `wait` seconds.
    """

    def __init__(self, seats: int, hasher: PasswordHasher | None = None, wait: float = WAIT) -> None:
        self._seats, self.wait = seats, wait
        self._threads: dict[int, ThreadPoolExecutor] = {}  # by process: threads do not survive a fork
        self._hasher = hasher or _owasp()
        self._dummy_hash = _hash_of_no_password(self._hasher)

    def hash(self, password: str) -> str:
        """Takes about 25 ms, on purpose."""
        return self._in_turn(partial(self._hasher.hash, _bytes(password)))

    def matches(self, hashed: str | None, password: str) -> bool:
        """Without a hash (no such account) verify a dummy one, so that it takes the same time."""
        verify = partial(self._hasher.verify, hashed or self._dummy_hash, _bytes(password))
        try:
            return self._in_turn(verify) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def _in_turn(self, work: Callable[[], T]) -> T:
        process = os.getpid()
        threads = self._threads.get(process) or self._threads.setdefault(
            process, ThreadPoolExecutor(self._seats, initializer=_give_way)
        )
        with leave_place():
            result = threads.submit(work)
            try:
                return result.result(self.wait)
            except TimeoutError:
                if result.cancel():  # it has not begun
                    raise Unavailable(
                        "passwords_busy", "too many passwords are being verified now: try again"
                    ) from None
                return result.result()


def seats_by_cores(workers: int) -> int:
    """The share that one of `workers` processes has of the cores that this process may use, from one to MAX_SEATS."""
    return min(max(1, len(os.sched_getaffinity(0)) // workers), MAX_SEATS)


def _give_way() -> None:
    """Lower the priority of the current thread. Only on Linux does each thread have its own."""
    if sys.platform == "linux":
        me = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, me, os.getpriority(os.PRIO_PROCESS, me) + NICE)


def _owasp() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # memory_cost in KiB


def _hash_of_no_password(hasher: PasswordHasher) -> str:
    """Random bytes in the form of a hash with the same parameters as all passwords: no password is known to match."""
    salt, digest = (b64encode(os.urandom(n)).decode().rstrip("=") for n in (hasher.salt_len, hasher.hash_len))
    parameters = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${parameters}${salt}${digest}"


def _bytes(password: str) -> bytes:
    """NFKC, so that a composed and a decomposed é are the same password."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
