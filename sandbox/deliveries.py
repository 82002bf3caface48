"""The schedule of webhooks. It is stored in the file, so that a killed sandbox continues where it stopped."""

import time
from dataclasses import dataclass

from .faults import Fault
from .store import Rows

FIRST_PAUSE, MAX_PAUSE = 0.2, 30.0  # seconds; doubled from one failure to the next
NEXT = "the next event"  # as held_for: the next event that is planned

# A webhook held for another event is due once that one has been delivered as often as planned.
FREE = """delivered < wanted AND (held_for IS NULL OR EXISTS (
    SELECT 1 FROM deliveries AS other WHERE other.event = deliveries.held_for AND other.delivered >= other.wanted))"""


@dataclass(frozen=True)
class Due:
    """A webhook that is to be sent now."""

    event: str
    payload: str


def plan(rows: Rows, event: str, fault: Fault | None) -> None:
    """Plan the webhook of an event, as changed by a fault."""
    kind = fault.kind if fault else None
    late = fault.seconds if fault and kind == "webhook_late" else 0.0
    wanted = {"webhook_twice": 2, "webhook_dropped": 0}.get(kind or "", 1)
    if wanted:
        rows.run("UPDATE deliveries SET held_for = ? WHERE held_for = ?", (event, NEXT))
    held_for = NEXT if kind == "webhook_reversed" else None
    values = (event, wanted, time.time() + late, held_for)
    rows.run("INSERT INTO deliveries (event, wanted, due, held_for) VALUES (?, ?, ?, ?)", values)


def take_due(rows: Rows) -> Due | None:
    """Return the webhook that has been due the longest."""
    query = f"""SELECT event, body FROM deliveries JOIN objects ON objects.id = event
        WHERE due <= ? AND {FREE} ORDER BY due, seq LIMIT 1"""
    row = rows.run(query, (time.time(),)).fetchone()
    return Due(*row) if row else None


def seconds_until_next(rows: Rows) -> float | None:
    """Return the seconds until the next webhook is due; None if none is planned."""
    row = rows.run(f"SELECT min(due) FROM deliveries WHERE {FREE}").fetchone()
    return None if row[0] is None else max(0.0, float(row[0]) - time.time())


def record(rows: Rows, event: str, answer: str, *, delivered: bool) -> None:
    """Record the result of an attempt, and when the next one is due if one is needed."""
    if delivered:
        change = "delivered = delivered + 1, failures = 0, due = ?"
        rows.run(f"UPDATE deliveries SET attempts = attempts + 1, last_answer = ?, {change} WHERE event = ?",
                 (answer, time.time(), event))  # fmt: skip
        return
    failures = int(rows.run("SELECT failures FROM deliveries WHERE event = ?", (event,)).fetchone()[0])
    due = time.time() + min(MAX_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10))
    change = "failures = failures + 1, due = ?"
    rows.run(f"UPDATE deliveries SET attempts = attempts + 1, last_answer = ?, {change} WHERE event = ?",
             (answer, due, event))  # fmt: skip


def redeliver(rows: Rows, event: str | None) -> int:
    """Plan to send an event, or every event, once more at once; returns how many."""
    chosen, values = ("object = 'event'", ()) if event is None else ("object = 'event' AND id = ?", (event,))
    # An event that was not to be sent has no delivery yet.
    new = "INSERT OR IGNORE INTO deliveries (event, wanted, due) SELECT id, 0, 0 FROM objects WHERE"
    rows.run(f"{new} {chosen}", values)
    again = "UPDATE deliveries SET wanted = wanted + 1, due = ?, held_for = NULL, failures = 0 WHERE event IN"
    return rows.run(f"{again} (SELECT id FROM objects WHERE {chosen})", (time.time(), *values)).rowcount
