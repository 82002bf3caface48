"""What came of each check of a module when it was last made: kept for the metric and for who asks later."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from app.bus.tables import audits
from app.kernel import clock
from app.kernel.database import upsert

MOST = 100  # sentences that are kept of one check


def keep(connection: Connection, check: str, compared: int, findings: Sequence[str]) -> None:
    """In the place of what was kept of it before."""
    told = {
        "at": clock.now(),
        "compared": compared,
        "findings": len(findings),
        "report": msgspec.json.encode(list(findings[:MOST])).decode(),
    }
    upsert(connection, audits, "check", {"check": check, **told}, told)


def kept(connection: Connection) -> Sequence[Row[Any]]:
    """All checks that were ever made."""
    return connection.execute(select(audits).order_by(audits.c.check)).all()
