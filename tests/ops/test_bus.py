"""The routes for the state of a module's events, and for the trail of operations."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.bus import tables
from app.bus.lease import take
from app.jobs import tables as jobs
from app.jobs.enqueue import enqueue
from app.jobs.worker import LEASE
from app.kernel import clock
from app.modules.orders.module import orders
from app.ops import audits, operations
from tests.ops.steps import asked
from tests.shop import Shop


def test_an_idle_module_has_nothing_waiting(shop: Shop) -> None:
    shop.settle()

    bus = asked(shop.as_staff(), "/ops/orders/bus")

    assert bus["module"] == "orders"
    assert bus["outbox"] == {"waiting": 0, "oldest_seconds": None}
    assert bus["parked"] == {"events": 0, "keys": 0, "waiting_for_a_person": 0, "oldest_seconds": None}
    assert bus["jobs"] == {"waiting": 0, "overdue_seconds": 0.0, "failing": []}
    assert (bus["lag"], bus["lag_unknown"]) == ([{"topic": "local", "events": 0}], None)


def test_what_waits_to_be_sent_is_counted_with_its_age_and_who_is_to_send_it(shop: Shop) -> None:
    sam = shop.as_staff(role="admin")
    mug = {"name": "Mug", "variants": [{"sku": "MUG", "price": {"amount": 900, "currency": "EUR"}}]}
    sam.post("/products", mug)

    before = asked(sam, "/ops/catalog/bus")
    shop.settle()
    after = asked(sam, "/ops/catalog/bus")

    assert before["outbox"]["waiting"] > 0 and before["outbox"]["oldest_seconds"] >= 0
    assert after["outbox"]["waiting"] == 0
    assert after["relay"]["active"] and after["relay"]["owner"] and after["relay"]["lease_until"]


def test_a_lease_that_is_over_is_nobodys(shop: Shop) -> None:
    with shop.modules["users"].database.begin() as connection:
        connection.execute(tables.leases.delete())
        take(connection, "relay", "gone", clock.now() - 2 * LEASE, LEASE)

    relay = asked(shop.as_staff(), "/ops/users/bus")["relay"]

    assert relay == {"active": False, "owner": None, "lease_until": None}


def test_failing_jobs_are_listed_the_worst_first(shop: Shop) -> None:
    with shop.modules["payments"].database.begin() as connection:
        for subject, attempts in (("one", 1), ("nine", 9), ("none", 0)):
            enqueue(connection, "pursue", subject, clock.now() - LEASE)
            mine = jobs.jobs.c.subject == subject
            tried = {"attempts": attempts, "error": "Unavailable: Stripe is away" if attempts else None}
            connection.execute(update(jobs.jobs).where(mine).values(**tried))

    queue = asked(shop.as_staff(), "/ops/payments/bus")["jobs"]

    assert queue["waiting"] == 3
    assert queue["overdue_seconds"] >= 30
    assert [(each["subject"], each["attempts"]) for each in queue["failing"]] == [("nine", 9), ("one", 1)]
    assert {(each["kind"], each["error"]) for each in queue["failing"]} == {("pursue", "Unavailable: Stripe is away")}


def test_it_lists_the_types_that_it_publishes_and_consumes_and_what_they_do(shop: Shop) -> None:
    bus = asked(shop.as_staff(), "/ops/payments/bus")

    assert "payments.payment_authorized.v1" in bus["publishes"]
    assert all(each.startswith("payments.") for each in bus["publishes"])
    consumed = {each["type"]: each for each in bus["consumes"]}
    assert consumed["orders.payment_requested.v1"] == {
        "type": "orders.payment_requested.v1",
        "kind": "reaction",
        "does": "Open a payment for the order and create it at Stripe.",
    }
    assert consumed["users.signing_key_published.v1"]["kind"] == "projection"


@pytest.mark.slow
def test_a_kafka_that_does_not_answer_is_reported_in_time(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")
    began = clock.now()

    bus = asked(shop.as_staff(), "/ops/orders/bus")

    assert (clock.now() - began).total_seconds() < 30, "otherwise it would wait until Kafka is back"
    assert bus["lag"] is None
    assert bus["lag_unknown"].startswith("Kafka does not answer: ")
    shop.close()


def test_a_module_alone_reports_that_it_consumes_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders)
    sam = shop.as_staff()

    bus = asked(sam, "/ops/orders/bus")
    replay: Any = sam.post("/ops/orders/replay", {"since": "2026-11-24T03:00:00Z", "dry_run": True})

    assert (bus["lag"], "consumes no events" in bus["lag_unknown"]) == (None, True)
    assert (replay.status_code, replay.json["code"]) == (503, "no_transport")
    shop.close()


def test_what_people_did_is_listed_the_newest_first_page_by_page(shop: Shop) -> None:
    with shop.modules["users"].database.begin() as connection:
        for n in range(5):
            operations.record(connection, "shell:root", "parked.retry", f"{n}", "because")
    sam = shop.as_staff()

    first = asked(sam, "/ops/users/operations?limit=3")
    second = asked(sam, f"/ops/users/operations?limit=3&cursor={first['next']}")

    assert [each["subject"] for each in (*first["items"], *second["items"])] == ["4", "3", "2", "1", "0"]
    assert second["next"] is None
    entry = first["items"][0]
    assert (entry["who"], entry["what"], entry["why"]) == ("shell:root", "parked.retry", "because")
    assert entry.keys() == {"id", "at", "who", "what", "subject", "why"}


def test_a_long_subject_is_cut_rather_than_refused(shop: Shop) -> None:
    with shop.modules["users"].database.begin() as connection:
        operations.record(connection, "w" * 300, "parked.retry", "s" * 300, "because")

    [entry] = asked(shop.as_staff(), "/ops/users/operations")["items"]

    assert (len(entry["who"]), len(entry["subject"])) == (120, 200)


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "WzFd"])
def test_a_cursor_that_is_none_of_ours_is_refused(shop: Shop, cursor: str) -> None:
    answer: Any = shop.as_staff().get(f"/ops/users/operations?cursor={cursor}")

    assert (answer.status_code, answer.json["code"]) == (422, "bad_cursor")


def test_there_is_no_module_of_another_name(shop: Shop) -> None:
    assert shop.as_staff().get("/ops/shipping/bus").status_code == 404


def test_what_the_last_audit_found_can_be_read(shop: Shop) -> None:
    before = asked(shop.as_staff(), "/ops/catalog/audits")
    with shop.modules["catalog"].database.begin() as connection:
        audits.save(connection, "stock", 5, ["MUG: 4 on hand, and the ledger says 5"])
        audits.save(connection, "stock", 6, ["MUG: 3 on hand, and the ledger says 5"])

    after = asked(shop.as_staff(), "/ops/catalog/audits")

    [stock] = after["items"]
    assert before["items"] == []
    assert (stock["check"], stock["compared"], stock["discrepancies"]) == ("stock", 6, 1)
    assert stock["report"] == ["MUG: 3 on hand, and the ledger says 5"]
