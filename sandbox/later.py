"""Actions planned for later. They are stored in the file, so that a killed sandbox does not lose them."""

import time

from .cards import Later
from .store import Rows

AFTER = 3.0  # seconds; at Stripe it is minutes in test mode, and days with a real bank


def plan_later(rows: Rows, identity: str, what: Later) -> None:
    """Plan the action for this object."""
    values = (identity, str(what), time.time() + AFTER)
    rows.run("INSERT OR IGNORE INTO later (id, what, due) VALUES (?, ?, ?)", values)


def take_later(rows: Rows) -> tuple[str, Later] | None:
    """Take an action that is due; it is then no longer planned."""
    row = rows.run("SELECT id, what FROM later WHERE due <= ? ORDER BY due LIMIT 1", (time.time(),)).fetchone()
    if row is None:
        return None
    rows.run("DELETE FROM later WHERE id = ?", (row[0],))
    return row[0], Later(row[1])
