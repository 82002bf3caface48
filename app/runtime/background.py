"""Background threads: relays, listeners, workers, and scheduled tasks."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import delete, update

from app.bus import inbox, outbox, tables
from app.bus.consumer import Consumer
from app.bus.drain import drain
from app.bus.measure import Measure, measure, measure_lag
from app.bus.relay import Relay
from app.bus.transport.base import Transport, Unreachable
from app.jobs import replay
from app.jobs.measure import measure_backlog
from app.jobs.pool import JobPool
from app.jobs.tables import jobs
from app.jobs.worker import Task, Worker
from app.kernel import clock
from app.kernel.database import Database, is_away
from app.kernel.slices import in_slices
from app.web import idempotency
from app.web.subscriptions import prune_ended_sessions
from app.wiring import Module, Schedule

log = logging.getLogger(__name__)

FIRST_RUN = 60.0  # seconds after the start at which a scheduled task runs first, at the latest
IDLE = 1.0  # seconds after which a thread looks for new rows by itself, if it missed a wake-up
MEASURED = 5.0  # seconds between two measurements
DRAIN = 8.0  # seconds for the threads to finish when the process ends
OUTBOX_RETENTION, INBOX_RETENTION = timedelta(days=7), timedelta(days=30)
KEY_RETENTION = timedelta(hours=72)
SESSION_RETENTION = timedelta(days=1)  # longer than any access token lives


class Background:
    """Delivers events and runs jobs while the process lives; `run_until_quiet` does so in one thread, for tests."""

    def __init__(
        self,
        modules: Iterable[Module],
        transport_for: Callable[[Sequence[Consumer]], Transport],
        measures: Sequence[Measure] = (),
    ) -> None:
        """`measures`: what is measured for each module in addition to its events and jobs."""
        self.modules = list(modules)
        self._measures = (measure_backlog, *measures)
        self.consumers = [module.consumer() for module in self.modules]
        self.transport = transport_for(self.consumers)
        self.relays = [Relay(module.database, self.transport) for module in self.modules]
        self.workers = [
            Worker(module.name, module.database, {**module.tasks, **self._tasks(consumer, module.database)})
            for consumer, module in zip(self.consumers, self.modules, strict=True)
        ]
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._wakes: list[threading.Event] = []
        self._pools: list[JobPool] = []

    def consumer_of(self, module: str) -> Consumer:
        """The consumer of a module."""
        return next(each for each in self.consumers if each.name == module)

    def start(self) -> None:
        """Start the threads. A process that serves calls it after its fork."""
        for module in self.modules:
            _delete_old_leases(module.database)
        for relay in self.relays:
            self._run("relay", relay.run_once, relay.wake, relay.max_pause, relay.rest)
        for listener in self.transport.listeners:
            self._run(f"listener-{listener.consumer.name}", partial(listener.run_once, IDLE), None)
        for worker, module in zip(self.workers, self.modules, strict=True):
            pool = JobPool(worker, module.job_threads)
            self._run("jobs", pool.start_one, worker.wake)
            self._pools.append(pool)
            self._threads += pool.threads
        for consumer, module in zip(self.consumers, self.modules, strict=True):
            self._run("parking", partial(drain, consumer, module.database), threading.Event())
        for module in self.modules:
            for schedule in (*module.schedules, prune_schedule(module), measure_schedule(module, self._measures)):
                self._threads.append(threading.Thread(target=self._by_the_clock, args=(schedule,), daemon=True))
        self._threads.append(threading.Thread(target=self._by_the_clock, args=(self._lag_schedule(),), daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> None:
        """Stop the threads, waiting up to `timeout` seconds in all; send what was published; close the databases."""
        self._stopping.set()
        for consumer in self.consumers:
            consumer.stopping.set()
        for listener in self.transport.listeners:
            listener.wake()
        for wake in self._wakes:
            wake.set()
        for pool in self._pools:
            pool.close()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._threads:  # without threads, nothing was sent in this process, and nothing must be sent now
            self._each_relay(
                Relay.flush, "could not send the last events: they stay in the outbox and will be sent later"
            )
        self.transport.close()
        self._each_relay(Relay.finish, "could not mark the events it had sent: they will be sent again")
        for module in self.modules:
            module.database.close()
            if module.close:
                module.close()

    def _tasks(self, consumer: Consumer, database: Database) -> dict[str, Task]:
        """The tasks that every module has."""
        return {replay.KIND: replay.task_of(consumer, database, self.transport)}

    def _lag_schedule(self) -> Schedule:
        return Schedule("lag", MEASURED, partial(measure_lag, self.transport))

    def _each_relay(self, step: Callable[[Relay], None], on_failure: str) -> None:
        for relay in self.relays:
            try:
                step(relay)
            except Exception:
                log.exception("a relay %s", on_failure)

    def run_until_quiet(self) -> None:
        """Deliver every event and run every job that is due, in this thread, until nothing is left to do."""
        busy = True
        while busy:
            steps = [
                *(relay.run_once() for relay in self.relays),
                *(listener.run_once() for listener in self.transport.listeners),
                *(worker.run_once() for worker in self.workers),
            ]
            busy = any(steps)
        for relay in self.relays:
            relay.mark()

    def _run(
        self,
        name: str,
        step: Callable[[], object],
        wake: threading.Event | None,
        max_pause: Callable[[], float] = lambda: IDLE,
        rest: Callable[[], float] = lambda: 0,
    ) -> None:
        loop = partial(self._loop, name, step, wake, max_pause, rest)
        self._threads.append(threading.Thread(target=loop, name=name, daemon=True))
        if wake:
            self._wakes.append(wake)

    def _loop(
        self,
        name: str,
        step: Callable[[], object],
        wake: threading.Event | None,
        max_pause: Callable[[], float],
        rest: Callable[[], float],
    ) -> None:
        while not self._stopping.is_set():
            try:
                busy = step()
            except Exception:
                log.exception("the thread %s failed, and will try again", name)
                busy = self._stopping.wait(IDLE)
            if not busy and wake and not self._stopping.is_set():
                wake.wait(min(IDLE, max_pause()))
                self._stopping.wait(rest())
            if wake:
                wake.clear()

    def _by_the_clock(self, schedule: Schedule) -> None:
        pause = min(schedule.seconds, FIRST_RUN)  # early enough to run even in a process that is often restarted
        while not self._stopping.wait(pause):
            pause = schedule.seconds
            try:
                schedule.run()
            except Exception as error:
                away = is_away(error) or isinstance(error, Unreachable)
                why = f" ({error})" if away else ""
                log.log(
                    logging.WARNING if away else logging.ERROR,
                    "%s failed, and will run again in %.0f s%s",
                    *(schedule.name, schedule.seconds, why),
                    exc_info=not away,
                )


def prune(database: Database) -> dict[str, int]:
    """Delete rows of a module whose retention is over. Returns the number of rows of each kind."""
    now = clock.now()
    prunes = {
        "published events": partial(outbox.prune, before=now - OUTBOX_RETENTION),
        "inbox rows": partial(inbox.prune, before=now - INBOX_RETENTION),
        "idempotency keys": partial(idempotency.prune, before=now - KEY_RETENTION),
        "ended sign-ins": partial(prune_ended_sessions, before=now - SESSION_RETENTION),
    }
    return {name: in_slices(database.begin, delete_one) for name, delete_one in prunes.items()}


def prune_schedule(module: Module) -> Schedule:
    """The schedule that prunes a module once an hour."""
    return Schedule(f"{module.name}: prune", 3600, partial(prune, module.database))


def measure_schedule(module: Module, measures: Iterable[Measure]) -> Schedule:
    """The schedule that measures a module's database every few seconds."""
    return Schedule(f"{module.name}: measure", MEASURED, partial(measure, module.name, module.database, *measures))


def _delete_old_leases(database: Database) -> None:
    """Delete the leases in an SQLite file: only one process uses it at a time, so their owners have ended."""
    if not database.is_sqlite:
        return
    with database.begin() as connection:
        connection.execute(delete(tables.leases))
        connection.execute(update(jobs).values(lease_until=None))
