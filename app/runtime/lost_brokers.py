"""Ends a process whose Kafka clients have lost all brokers, so that it is started again."""

import logging
import os
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

PAUSE = 15.0  # seconds between two looks: a client that can recover has done so by the second one
LOOKS = 2


def watch(has_lost_its_brokers: Callable[[], bool]) -> None:
    """Look from time to time, in a thread of its own. After LOOKS results of True in sequence, the process ends at
    once, with EX_TEMPFAIL: `flask serve` and service managers start it again, and nothing is lost, as after any kill.

    From 2.10 on librdkafka can lose all its brokers, and its addresses to begin from, when a broker that restarts
    reports a cluster without brokers. Such a client never connects again, and a new one in the same process would not
    know which messages the old one has delivered (docs/decisions/0094).
    """
    threading.Thread(target=_look, args=(has_lost_its_brokers,), name="lost brokers", daemon=True).start()


def _look(has_lost_its_brokers: Callable[[], bool]) -> None:
    lost = 0
    while lost < LOOKS:
        time.sleep(PAUSE)
        try:
            lost = lost + 1 if has_lost_its_brokers() else 0
        except Exception:
            log.exception("could not find out whether the Kafka clients still reach a broker")
            lost = 0
    log.critical("The brokers answer, but not to the Kafka clients of this process. It ends, to be started again.")
    os._exit(os.EX_TEMPFAIL)
