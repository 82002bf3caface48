"""What is to become of an object after a while; it is in the file, so a killed sandbox does not forget it."""

import time

from .cards import Later
from .store import Rows

AFTER = 3.0  # seconds; at Stripe it is minutes in test mode, and days with a real bank


def plan_later(rows: Rows, identity: str, what: Later) -> None:
    """Have this become of it in a while."""
    values = (identity, str(what), time.time() + AFTER)
    rows.run("INSERT OR IGNORE INTO later (id, what, due) VALUES (?, ?, ?)", values)


def take_later(rows: Rows) -> tuple[str, Later] | None:
    """What is due now; it is then planned no more."""
    row = rows.run("SELECT id, what FROM later WHERE due <= ? ORDER BY due LIMIT 1", (time.time(),)).fetchone()
    if row is None:
        return None
    rows.run("DELETE FROM later WHERE id = ?", (row[0],))
    return row[0], Later(row[1])
