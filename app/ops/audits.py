"""The last result of each check of `flask audit`, stored for the metric and for GET /audits."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from prometheus_client import Gauge
from sqlalchemy import Connection, Row, select

from app.kernel import clock
from app.kernel.inserts import upsert
from app.ops.tables import audits

MAX_SENTENCES = 100  # sentences stored of one check
LATEST: Final = "livemostrecent"  # of several processes, the value that was set last

DISCREPANCIES = Gauge(
    "quartet_audit_discrepancies",
    "Discrepancies that the last audit found",
    ["module", "check"],
    multiprocess_mode=LATEST,
)


def save(connection: Connection, check: str, compared: int, discrepancies: Sequence[str]) -> None:
    """Store the result of a check; it replaces the earlier one."""
    row = {
        "at": clock.now(),
        "compared": compared,
        "discrepancies": len(discrepancies),
        "report": msgspec.json.encode(list(discrepancies[:MAX_SENTENCES])).decode(),
    }
    upsert(connection, audits, "check", {"check": check, **row}, row)


def saved(connection: Connection) -> Sequence[Row[Any]]:
    """The last result of each check that has ever run."""
    return connection.execute(select(audits).order_by(audits.c.check)).all()


def measure_audits(name: str, connection: Connection) -> None:
    """Set the metric to the number of discrepancies of each check of the module `name`."""
    for row in connection.execute(select(audits.c.check, audits.c.discrepancies)):
        DISCREPANCIES.labels(name, row.check).set(row.discrepancies)
