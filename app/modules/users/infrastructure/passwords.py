"""Passwords as argon2id hashes, of which only so many are computed at once."""

import os
import sys
import threading
import time
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.errors import Unavailable
from app.kernel.places import leave_place

T = TypeVar("T")

WAIT = 5.0  # seconds until a hash has begun
IDLE_WAIT = 1.0  # seconds in which threads that run only when a core is idle must have hashed a password
BUSY = 10.0  # seconds without such threads once they were too slow
NICE = 7  # added to the nice value of threads that hash then: beside a busy thread, one gets about a sixth of a core
MAX_SEATS = 4  # by default: a container with a limit of two cores and 1 GB may see all 64 of its machine


class Argon2Passwords:
    """argon2id with m = 19 MiB, t = 2, p = 1, the minimum of OWASP's Password Storage Cheat Sheet:
    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id

    `seats` threads of each process hash while a core is idle, in the order in which they are asked, so that readers are
    answered first. If a password is not hashed within `idle_wait` seconds, one of as many others hashes it, and all
    that come in the next BUSY seconds: they get their share of a busy core. Nobody else hashes, so the memory is
    bounded. A request that waits holds no place of its process, and is refused with Unavailable(passwords_busy) if no
    thread has begun with its password within `wait` seconds.
    """

    def __init__(
        self, seats: int, hasher: PasswordHasher | None = None, wait: float = WAIT, idle_wait: float = IDLE_WAIT
    ) -> None:
        self._seats, self.wait, self._idle_wait = seats, wait, idle_wait
        self._threads: dict[int, tuple[ThreadPoolExecutor, ThreadPoolExecutor]] = {}  # by process: none survives a fork
        self._busy_until = 0.0  # time.monotonic
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
        when_idle, others = self._threads.get(os.getpid()) or self._threads.setdefault(
            os.getpid(), _threads(self._seats)
        )
        end = time.monotonic() + self.wait
        with leave_place():
            if time.monotonic() >= self._busy_until:
                result = when_idle.submit(_when_idle, work)
                try:
                    return result.result(self._idle_wait)
                except TimeoutError:
                    result.cancel()  # or it has begun, but gets no core
                    self._busy_until = time.monotonic() + BUSY
            result = others.submit(work)
            try:
                return result.result(end - time.monotonic())
            except TimeoutError:
                if result.cancel():  # it has not begun
                    raise Unavailable(
                        "passwords_busy", "too many passwords are being verified now: try again"
                    ) from None
                return result.result()


def seats_by_cores(workers: int) -> int:
    """The share that one of `workers` processes has of the cores that this process may use, but one, which is left to
    requests: from one to MAX_SEATS.
    """
    return min(max(1, (len(os.sched_getaffinity(0)) - 1) // workers), MAX_SEATS)


def _threads(seats: int) -> tuple[ThreadPoolExecutor, ThreadPoolExecutor]:
    """So many that hash when a core is idle, and as many that hash when none is."""
    return ThreadPoolExecutor(seats, "hash when idle"), ThreadPoolExecutor(seats, "hash", _give_way)


# Only on Linux does each thread have a priority. Some containers refuse to set it, and musl cannot set the policy: then
# a hash costs readers more, and nothing else changes.


def _when_idle(work: Callable[[], T]) -> T:
    """Run it only on a core that nobody else wants: sched(7) of Linux, SCHED_IDLE.

    The thread gets its policy back before it goes on: with Python's lock and without a core it would hold up the
    requests of its process. Without the right to (RLIMIT_NICE of 20, or CAP_SYS_NICE) it keeps the policy.
    """
    if sys.platform != "linux":
        return work()
    me = threading.get_native_id()
    policy = os.sched_getscheduler(me)
    with suppress(OSError):
        os.sched_setscheduler(me, os.SCHED_IDLE, os.sched_param(0))
    try:
        return work()
    finally:
        with suppress(OSError):
            os.sched_setscheduler(me, policy, os.sched_param(0))


def _give_way() -> None:
    """Lower the priority of the current thread."""
    if sys.platform == "linux":
        me = threading.get_native_id()
        with suppress(OSError):
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
