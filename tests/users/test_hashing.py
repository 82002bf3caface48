"""How passwords are hashed: at which cost, how many at once, and what else is answered meanwhile."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from app.kernel.errors import Unavailable
from app.modules.users.infrastructure.passwords import NICE, Argon2Passwords, seats_by_cores
from app.modules.users.module import users
from app.runtime.slow_bodies import Reading
from tests.conftest import until
from tests.servers import fresh_databases
from tests.shop import Shop
from tests.users.people import ALICES, PASSWORD, joins, registers, signs_in

OWASP = "$argon2id$v=19$m=19456,t=2,p=1$"
SEATS, FLOOD = 2, 6
THERE_AND_BACK = "import os; [os.sched_setscheduler(0, p, os.sched_param(0)) for p in (os.SCHED_IDLE, os.SCHED_OTHER)]"


class Held(PasswordHasher):
    """Cheap hashing that is held while `go` is cleared, and counts how many hashes are computed at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go, self.at_once, self.maximum = threading.Event(), 0, 0
        self.go.set()
        self._counting = threading.Lock()

    def hash(self, *args: Any, **more: Any) -> str:
        with self._held():
            return super().hash(*args, **more)

    def verify(self, *args: Any) -> Any:
        with self._held():
            return super().verify(*args)

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._counting:
            self.at_once += 1
            self.maximum = max(self.maximum, self.at_once)
        try:
            assert self.go.wait(60)
            yield
        finally:
            with self._counting:
                self.at_once -= 1


class Asked(Argon2Passwords):
    """Counts who has begun to wait for a seat."""

    asked, seconds = 0, 60.0

    @property
    def wait(self) -> float:
        self.asked += 1
        return self.seconds

    @wait.setter
    def wait(self, seconds: float) -> None:
        self.seconds = seconds


@pytest.fixture
def no_priorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that hash are as good as others, so that they get a core however busy this machine is."""

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.sched_setscheduler", refused, raising=False)
    monkeypatch.setattr("os.setpriority", refused)


@contextmanager
def flooded(shop: Shop, hasher: Held) -> Iterator[list[Any]]:
    """While the block runs, FLOOD clients sign in, and each seat has a hash that does not end; then they do."""
    hasher.go.clear()
    statuses: list[Any] = []

    def sign_in(_: int) -> None:
        answer = shop.as_guest().post("/auth/login", {"email": ALICES, "password": PASSWORD})
        statuses.append(answer.status_code)

    with ThreadPoolExecutor(FLOOD) as clients:
        try:
            work = clients.map(sign_in, range(FLOOD))
            until(lambda: hasher.at_once >= SEATS, "every seat is taken")
            yield statuses
        finally:
            hasher.go.set()
        list(work)


def test_passwords_are_hashed_as_owasp_has_it() -> None:
    passwords = Argon2Passwords(1)

    assert passwords.hash(PASSWORD).startswith(OWASP)
    assert not passwords.outdated(passwords.hash(PASSWORD))


def test_an_unknown_address_costs_a_hash_of_the_same_parameters(tmp_path: Path) -> None:
    verified: list[str] = []

    class Recording(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:
            verified.append(str(hash))
            return super().verify(hash, password)

    hasher = Recording(time_cost=2, memory_cost=19_456, parallelism=1)
    shop = Shop(tmp_path, partial(users, passwords=Argon2Passwords(1, hasher)))
    registers(shop, ALICES)

    for email in (ALICES, "nobody@shop.example.com"):
        shop.as_guest().post("/auth/login", {"email": email, "password": "wrong"})

    assert len(verified) == 2 and all(each.startswith(OWASP) for each in verified)
    shop.close()


@pytest.mark.slow
@pytest.mark.usefixtures("no_priorities")
@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_a_hash_of_the_former_parameters_is_renewed_by_two_sign_ins_at_once(tmp_path: Path, server: str) -> None:
    verified: list[str] = []

    class Together(PasswordHasher):
        both = threading.Barrier(1)

        def verify(self, hash: str | bytes, password: str | bytes) -> Any:
            verified.append(str(hash))
            return super().verify(hash, password)

        def hash(self, *args: Any, **more: Any) -> str:
            self.both.wait(60)
            return super().hash(*args, **more)

    former = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
    current = Together(time_cost=1, memory_cost=8, parallelism=1)
    later = Argon2Passwords(2, current, idle_wait=60)
    current.both = threading.Barrier(2)
    with fresh_databases("users") if server == "postgresql" else nullcontext({}) as variables:
        before = Shop(tmp_path, partial(users, passwords=Argon2Passwords(1, former)), **variables)
        registers(before, ALICES)
        shop = Shop(tmp_path, partial(users, passwords=later), **variables)
        with ThreadPoolExecutor(2) as pool:
            devices = list(pool.map(lambda _: signs_in(shop, ALICES), range(2)))

        with shop.modules["users"].reading() as uow:
            user = uow.users.with_email(ALICES)
        assert user.password_hash.startswith("$argon2id$v=19$m=8,t=1,p=1$") and user.version == 2
        assert len(verified) == 2 and len(set(verified)) == 1, "neither sign-in was repeated"
        assert [each.get("/users/me").status_code for each in devices] == [200, 200]
        assert signs_in(shop, ALICES).get("/users/me").status_code == 200
        before.close()
        shop.close()


def test_a_sign_in_is_accepted_while_no_seat_is_free_to_renew_its_hash(tmp_path: Path) -> None:
    class Busy(Argon2Passwords):
        def hash(self, password: str) -> str:
            raise Unavailable("passwords_busy", "")

    before = Shop(tmp_path, partial(users, passwords=Argon2Passwords(1, Held())))
    registers(before, ALICES)
    dearer = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    shop = Shop(tmp_path, partial(users, passwords=Busy(1, dearer)))

    assert signs_in(shop, ALICES).get("/users/me").status_code == 200
    before.close()
    shop.close()


def test_only_so_many_passwords_are_hashed_at_once(tmp_path: Path) -> None:
    hasher = Held()
    shop = Shop(tmp_path, partial(users, passwords=Argon2Passwords(SEATS, hasher, wait=60, idle_wait=60)))
    registers(shop, ALICES)

    with flooded(shop, hasher) as statuses:
        assert statuses == []

    assert statuses == [200] * FLOOD and hasher.maximum == SEATS
    shop.close()


class Starved(Held):
    """Holds the hashes of the threads that run when a core is idle while `go` is cleared, and records all of them:
    the thread, its scheduling policy and its nice value.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hashes: list[tuple[str, int, int]] = []

    @contextmanager
    def _held(self) -> Iterator[None]:
        name = threading.current_thread().name.rstrip("_0")
        self.hashes.append((name, *priority()))
        assert name != "hash when idle" or self.go.wait(60)
        yield


def priority() -> tuple[int, int]:
    me = threading.get_native_id()
    return os.sched_getscheduler(me), os.getpriority(os.PRIO_PROCESS, me)


def hashed_at_once_and_then_without_an_idle_core() -> list[tuple[str, int, int]]:
    hasher = Starved()
    passwords = Argon2Passwords(1, hasher, wait=60, idle_wait=60)
    passwords.hash(PASSWORD)
    passwords = Argon2Passwords(1, hasher, wait=60, idle_wait=0.1)
    hasher.go.clear()
    hashed = passwords.hash(PASSWORD)
    assert passwords.matches(hashed, PASSWORD)
    hasher.go.set()
    return hasher.hashes


def test_a_password_that_gets_no_idle_core_is_hashed_by_another_thread_and_so_are_the_next_ones() -> None:
    threads = [name for name, *_ in hashed_at_once_and_then_without_an_idle_core()]

    assert threads[0] == "hash when idle"
    assert threads.count("hash when idle") <= 2, "the third was not tried there"
    assert threads.count("hash") == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux does each thread have a priority of its own")
def test_threads_that_hash_have_a_lower_priority_than_those_that_answer() -> None:
    policy, nice = priority()

    hashes = hashed_at_once_and_then_without_an_idle_core()

    assert hashes[0] == ("hash when idle", os.SCHED_IDLE, nice)
    assert ("hash", policy, min(19, nice + NICE)) in hashes
    assert priority() == (policy, nice)


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux does each thread have a priority of its own")
@pytest.mark.parametrize("may", [True, False], ids=["with the right to", "without"])
def test_a_thread_that_has_hashed_gets_its_policy_back_if_it_may(may: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if may and subprocess.run([sys.executable, "-c", THERE_AND_BACK], capture_output=True).returncode:
        pytest.skip("this process may not: it needs RLIMIT_NICE of 20, or CAP_SYS_NICE")
    policy, set_policy, former = os.sched_getscheduler(0), os.sched_setscheduler, threading.enumerate()

    def set_or_refused(thread: int, to: int, priority: Any) -> None:
        if to != os.SCHED_IDLE and not may:
            raise PermissionError
        set_policy(thread, to, priority)

    monkeypatch.setattr("os.sched_setscheduler", set_or_refused)
    passwords = Argon2Passwords(1, Held(), wait=60, idle_wait=60)

    assert passwords.matches(passwords.hash(PASSWORD), PASSWORD)

    [thread] = [each for each in threading.enumerate() if each not in former and each.name.startswith("hash when idle")]
    assert os.sched_getscheduler(thread.native_id or 0) == (policy if may else os.SCHED_IDLE)


@pytest.mark.usefixtures("no_priorities")
def test_passwords_are_hashed_where_no_priority_can_be_set() -> None:
    hashes = hashed_at_once_and_then_without_an_idle_core()

    assert {tuple(used) for _, *used in hashes} == {priority()}


def test_others_are_answered_while_more_sign_in_than_the_server_has_places(tmp_path: Path) -> None:
    hasher = Held()
    shop = Shop(tmp_path, partial(users, passwords=Argon2Passwords(SEATS, hasher, wait=60, idle_wait=60)))
    Reading(SEATS, seconds=20).wrap(shop.app)  # as many places as seats: a hash that kept its place would stop it
    alice = joins(shop, ALICES)

    with flooded(shop, hasher) as statuses:
        answers = [alice.get("/users/me"), shop.as_guest().get("/livez")]
        assert statuses == [] and [each.status_code for each in answers] == [200, 200]

    assert statuses == [200] * FLOOD
    shop.close()


def test_who_finds_no_seat_in_time_is_refused_and_may_try_again(tmp_path: Path) -> None:
    hasher = Held()
    passwords = Asked(SEATS, hasher, wait=60, idle_wait=0)
    shop = Shop(tmp_path, partial(users, passwords=passwords))
    alice = joins(shop, ALICES)
    passwords.asked = 0

    with flooded(shop, hasher) as statuses:
        until(lambda: passwords.asked == FLOOD, "all of them wait")
        passwords.wait = 0
        answers = [
            shop.as_guest().post("/auth/login", {"email": "nobody@shop.example.com", "password": PASSWORD}),
            registers(shop, "bob@shop.example.com"),
            alice.post("/users/me/password", {"old_password": PASSWORD, "new_password": "another set of words"}),
        ]
        command = ["users", "create-admin", "root@shop.example.com", "--password-stdin"]
        made = shop.app.test_cli_runner().invoke(args=command, input="a good long password\n")
        with pytest.raises(Unavailable):
            shop.modules["users"].demo()  # type: ignore[misc]
        passwords.wait = 60

    assert [(each.status_code, each.json["code"]) for each in answers] == [(503, "passwords_busy")] * 3  # type: ignore[index]
    assert all(each.headers["Retry-After"] == "1" for each in answers)
    assert made.exit_code == 1 and "too many passwords" in made.output
    assert statuses == [200] * FLOOD, "the others waited"
    assert signs_in(shop, ALICES).get("/users/me").status_code == 200
    shop.close()


def test_processes_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(6)))

    assert [seats_by_cores(workers) for workers in (1, 2, 4, 8)] == [4, 2, 1, 1], "one core is left to requests"


def test_a_hash_leaves_no_memory_in_use() -> None:
    """In a process of its own, as what a heap keeps depends on all that was allocated before.
    Its threads have the priority of others: one that gets no core would hold its memory for longer than this test.
    """
    hashes = """
import os
from pathlib import Path
from app.modules.users.infrastructure.passwords import Argon2Passwords
from app.runtime.memory import keep_heap_small

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def refused(*_):
    raise PermissionError

os.sched_setscheduler = refused
keep_heap_small()
passwords = Argon2Passwords(seats=1, wait=60, idle_wait=60)
before = resident()
for _ in range(3):
    passwords.hash("four parts one tune")
print(resident() - before)
"""
    ended = subprocess.run([sys.executable, "-c", hashes], capture_output=True, text=True, check=True, timeout=60)

    assert int(ended.stdout) < 10_000_000, "of 19 MiB"
