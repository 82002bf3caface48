"""Ends a process whose Kafka clients do not recover, so that it is started again."""

import logging
import os
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

PAUSE = 15.0  # seconds between two looks: a client that can recover has done so by the second one
LOOKS = 2


def watch(needs_new_clients: Callable[[], bool]) -> None:
    """Look from time to time, in a thread of its own. After LOOKS results of True in sequence, the process ends at
    once, with EX_TEMPFAIL: `flask serve` and service managers start it again, and nothing is lost, as after any kill.

    The producer is not replaced within the process: nobody knows which of its messages the brokers have
    (docs/decisions/0094).
    """
    threading.Thread(target=_look, args=(needs_new_clients,), name="Kafka watch", daemon=True).start()


def _look(needs_new_clients: Callable[[], bool]) -> None:
    needed = 0
    while needed < LOOKS:
        time.sleep(PAUSE)
        try:
            needed = needed + 1 if needs_new_clients() else 0
        except Exception:
            log.exception("could not find out whether the Kafka clients still work")
            needed = 0
    log.critical("A Kafka client of this process does not recover. The process ends, to be started again.")
    os._exit(os.EX_TEMPFAIL)
