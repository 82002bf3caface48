"""The threads behind the requests: relays, listeners, workers, and what is done by the clock."""

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
from app.jobs.tables import jobs
from app.jobs.worker import Task, Worker
from app.kernel import clock
from app.kernel.database import Database, is_away
from app.web import idempotency
from app.web.subscriptions import prune_ended_sessions
from app.wiring import Module, Schedule

log = logging.getLogger(__name__)

FIRST_RUN = 60.0  # seconds after the start, at the latest
IDLE = 1.0  # seconds; the safety net under the wake-ups
MEASURED = 5.0  # seconds between looks at what waits
DRAIN = 8.0  # seconds for what is being done when the process is told to end
WORKERS = 2  # threads a module
OUTBOX_KEPT, INBOX_KEPT = timedelta(days=7), timedelta(days=30)
KEYS_KEPT = timedelta(hours=72)
SESSIONS_KEPT = timedelta(days=1)  # longer than any access token lives


class Background:
    """Carries events and does work while the process lives. `run_until_quiet` does the same by hand, for tests."""

    def __init__(
        self,
        modules: Iterable[Module],
        transport_for: Callable[[Sequence[Consumer]], Transport],
        measures: Sequence[Measure] = (),
    ) -> None:
        """`measures`: what is measured of each module beside its events and jobs."""
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

    def consumer_of(self, module: str) -> Consumer:
        """What handles the events that this module hears."""
        return next(each for each in self.consumers if each.name == module)

    def start(self) -> None:
        """Start the threads; in the process that serves, after it was forked."""
        for module in self.modules:
            _forget_the_dead(module.database)
        for relay in self.relays:
            self._run("relay", relay.run_once, relay.wake)
        for listener in self.transport.listeners:
            self._run(f"listener-{listener.consumer.name}", partial(listener.run_once, IDLE), None)
        for worker in self.workers:
            for _ in range(WORKERS):
                self._run("worker", worker.run_once, worker.wake)
        for consumer, module in zip(self.consumers, self.modules, strict=True):
            self._run("parking", partial(drain, consumer, module.database), threading.Event())
        for module in self.modules:
            for schedule in (*module.schedules, prune_schedule(module), measure_schedule(module, self._measures)):
                self._threads.append(threading.Thread(target=self._by_the_clock, args=(schedule,), daemon=True))
        self._threads.append(threading.Thread(target=self._by_the_clock, args=(self._lag_schedule(),), daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> None:
        """Let each thread finish what it is doing, and end it."""
        self._stopping.set()
        for consumer in self.consumers:
            consumer.stopping.set()
        for listener in self.transport.listeners:
            listener.wake()
        for wake in self._wakes:
            wake.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._threads:  # else nobody has sent here, nor should now
            self._each_relay(Relay.flush, "could not send what was said last: it will be sent")
        self.transport.close()
        self._each_relay(Relay.finish, "could not mark what it had sent: it will be sent again")
        for module in self.modules:
            module.database.close()
            if module.close:
                module.close()

    def _tasks(self, consumer: Consumer, database: Database) -> dict[str, Task]:
        """Those that every module has."""
        return {replay.KIND: replay.task_of(consumer, database, self.transport)}

    def _lag_schedule(self) -> Schedule:
        return Schedule("lag", MEASURED, partial(measure_lag, self.transport))

    def _each_relay(self, last: Callable[[Relay], None], why_not: str) -> None:
        for relay in self.relays:
            try:
                last(relay)
            except Exception:
                log.exception("a relay %s", why_not)

    def run_until_quiet(self) -> None:
        """Carry every event and do all work that is due, in this thread, until nothing is left to do."""
        busy = True
        while busy:
            steps = [
                *(relay.run_once() for relay in self.relays),
                *(listener.run_once() for listener in self.transport.listeners),
                *(worker.run_once() for worker in self.workers),
            ]
            busy = any(steps)

    def _run(self, name: str, step: Callable[[], object], wake: threading.Event | None) -> None:
        self._threads.append(threading.Thread(target=self._loop, args=(name, step, wake), name=name, daemon=True))
        if wake:
            self._wakes.append(wake)

    def _loop(self, name: str, step: Callable[[], object], wake: threading.Event | None) -> None:
        while not self._stopping.is_set():
            try:
                busy = step()
            except Exception:
                log.exception("%s: will try again", name)
                busy = self._stopping.wait(IDLE)
            if not busy and wake and not self._stopping.is_set():
                wake.wait(IDLE)
            if wake:
                wake.clear()

    def _by_the_clock(self, schedule: Schedule) -> None:
        pause = min(schedule.seconds, FIRST_RUN)  # a process that is often restarted prunes, too
        while not self._stopping.wait(pause):
            pause = schedule.seconds
            try:
                schedule.run()
            except Exception as error:
                away = is_away(error) or isinstance(error, Unreachable)
                why = f" ({error})" if away else ""
                log.log(
                    logging.WARNING if away else logging.ERROR,
                    "%s: will run again in %.0f s%s",
                    *(schedule.name, schedule.seconds, why),
                    exc_info=not away,
                )


def prune(database: Database) -> dict[str, int]:
    """Delete what every module keeps for a time only, once that is over; returns how many of each."""
    now = clock.now()
    with database.begin() as connection:
        return {
            "published events": outbox.prune(connection, now - OUTBOX_KEPT),
            "inbox rows": inbox.prune(connection, now - INBOX_KEPT),
            "idempotency keys": idempotency.prune(connection, now - KEYS_KEPT),
            "ended sign-ins": prune_ended_sessions(connection, now - SESSIONS_KEPT),
        }


def prune_schedule(module: Module) -> Schedule:
    """Pruning, once an hour."""
    return Schedule(f"{module.name}: prune", 3600, partial(prune, module.database))


def measure_schedule(module: Module, measures: Iterable[Measure]) -> Schedule:
    """What waits in its database, every few seconds."""
    return Schedule(f"{module.name}: measure", MEASURED, partial(measure, module.name, module.database, *measures))


def _forget_the_dead(database: Database) -> None:
    """An SQLite file has one process at a time, so leases found at the start were held by one that is gone."""
    if not database.is_sqlite:
        return
    with database.begin() as connection:
        connection.execute(delete(tables.leases))
        connection.execute(update(jobs).values(lease_until=None))
