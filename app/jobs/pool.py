"""The threads that run the jobs of one module. However many there are, one looks for jobs that are due."""

import logging
import threading
from queue import SimpleQueue

from app.jobs.worker import Taken, Worker

log = logging.getLogger(__name__)

FULL = 1.0  # seconds to wait for a free thread before looking whether the process ends


class JobPool:
    """`threads`: how many jobs run at a time. They hold no connection of the database while they call a third party."""

    def __init__(self, worker: Worker, threads: int) -> None:
        self.worker = worker
        self.threads = [threading.Thread(target=self._run, name="job", daemon=True) for _ in range(threads)]
        self._free = threading.Semaphore(threads)
        self._taken: SimpleQueue[Taken | None] = SimpleQueue()

    def start_one(self) -> bool:
        """Start the job that has been due longest, when a thread is free for it; False when none is due."""
        if not self._free.acquire(timeout=FULL):
            return True
        taken = None
        try:
            taken = self.worker.take()
        finally:
            if taken is None:
                self._free.release()
        if taken is not None:
            self._taken.put(taken)
        return taken is not None

    def close(self) -> None:
        """End the threads, once the jobs that have started are done."""
        for _ in self.threads:
            self._taken.put(None)

    def _run(self) -> None:
        while (taken := self._taken.get()) is not None:
            try:
                self.worker.run(taken)
            except Exception:  # its database is away: the lease ends, and the job runs again
                log.exception("a job failed, and will run again")
            finally:
                self._free.release()
