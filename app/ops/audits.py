"""What came of each check of a module when it was last made: kept for the metric and for who asks later."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from prometheus_client import Gauge
from sqlalchemy import Connection, Row, select

from app.kernel import clock
from app.kernel.database import upsert
from app.ops.tables import audits

MAX_SENTENCES = 100  # sentences that are kept of one check
LATEST: Final = "livemostrecent"  # of all processes that measure it

DISCREPANCIES = Gauge("quartet_audit_discrepancies", "Of the last audit", ["module", "check"], multiprocess_mode=LATEST)


def save(connection: Connection, check: str, compared: int, discrepancies: Sequence[str]) -> None:
    """In the place of what was kept of it before."""
    row = {
        "at": clock.now(),
        "compared": compared,
        "discrepancies": len(discrepancies),
        "report": msgspec.json.encode(list(discrepancies[:MAX_SENTENCES])).decode(),
    }
    upsert(connection, audits, "check", {"check": check, **row}, row)


def saved(connection: Connection) -> Sequence[Row[Any]]:
    """All checks that were ever made."""
    return connection.execute(select(audits).order_by(audits.c.check)).all()


def measure_audits(name: str, connection: Connection) -> None:
    """Have the metric say how many discrepancies each check of a module had."""
    for row in connection.execute(select(audits.c.check, audits.c.discrepancies)):
        DISCREPANCIES.labels(name, row.check).set(row.discrepancies)
