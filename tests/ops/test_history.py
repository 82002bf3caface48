"""Past events over HTTP: counted, replayed by the module's worker, republished by its relay."""

from datetime import timedelta
from typing import Any

import pytest

from app.kernel import clock
from app.kernel.clock import rfc3339
from app.ops import history
from tests.ops.steps import WHO, asked, consumes, done, empties, offer, trail
from tests.shop import ALICE, Caller, Shop

OFFER = "catalog.offer_changed.v1"
SINCE = {"since": "2026-01-01T00:00:00Z"}
WHY = {"reason": "orders lost its offers"}


def sells(shop: Shop, *skus: str) -> Caller:
    """Staff put these skus on sale, and every module has consumed that. Returns the staff."""
    sam = shop.as_staff(role="admin")
    for sku in skus:
        price = {"amount": 900, "currency": "EUR"}
        assert sam.post("/products", {"name": sku, "variants": [{"sku": sku, "price": price}]}).status_code == 201
    shop.settle()
    return sam


def can_buy(shop: Shop, sku: str) -> bool:
    """Whether orders has an offer of the sku."""
    return shop.as_customer(ALICE).put(f"/cart/items/{sku}", {"quantity": 1}).status_code == 200


def test_a_projection_is_rebuilt_over_http_alone(shop: Shop) -> None:
    sam = sells(shop, "MUG", "PEN")
    empties(shop, "orders", "offers")
    what = {**SINCE, "type": OFFER, "forget": True}
    lost = not can_buy(shop, "MUG")

    stock_counts = done(sam, "/ops/orders/replay", {**what, "dry_run": True})
    begun = sam.post("/ops/orders/replay", {**what, **WHY})
    shop.settle()
    ended = asked(sam, begun.headers["Location"])

    assert lost
    assert stock_counts == {
        "events": 2,
        "by_type": [{"type": OFFER, "events": 2, "to_handle": 2}],
        "complete": True,
    }
    assert begun.status_code == 202
    assert begun.json["id"] in begun.headers["Location"]  # type: ignore[index]
    assert (begun.json["counts"], begun.json["ended_at"]) == ({}, None)  # type: ignore[index]
    assert ended["counts"] == {"handled": 2}
    assert ended["ended_at"] and ended["trouble"] is None
    assert can_buy(shop, "MUG") and can_buy(shop, "PEN")
    assert trail(sam, "orders") == [(WHO, "replay", "orders lost its offers")]


def test_without_forget_only_what_was_never_handled_has_an_effect(shop: Shop) -> None:
    sam = sells(shop, "MUG")
    empties(shop, "orders", "offers")

    stock_counts = done(sam, "/ops/orders/replay", {**SINCE, "type": OFFER, "dry_run": True})
    done(sam, "/ops/orders/replay", {**SINCE, "type": OFFER, **WHY}, status=202)
    shop.settle()

    assert stock_counts["by_type"] == [{"type": OFFER, "events": 1, "to_handle": 0}]
    assert not can_buy(shop, "MUG")


def test_a_dry_run_writes_nothing_down(shop: Shop) -> None:
    sam = sells(shop, "MUG")

    done(sam, "/ops/orders/replay", {**SINCE, "dry_run": True})
    done(sam, "/ops/catalog/republish", {**SINCE, "dry_run": True})

    assert trail(sam, "orders") == trail(sam, "catalog") == []


def test_republished_events_are_dropped_by_modules_that_have_consumed_them(shop: Shop) -> None:
    sam = sells(shop, "MUG", "PEN")
    what = {**SINCE, "type": OFFER}

    stock_counts = done(sam, "/ops/catalog/republish", {**what, "dry_run": True})
    published = done(sam, "/ops/catalog/republish", {**what, "reason": "the broker lost its disk"})
    waiting = asked(sam, "/ops/catalog/bus")["outbox"]["waiting"]
    shop.settle()

    assert (
        (stock_counts["events"], stock_counts["by_type"])
        == (published["events"], published["by_type"])
        == (2, {OFFER: 2})
    )
    assert stock_counts["retained_since"] <= rfc3339(clock.now())
    assert waiting == 2
    assert asked(sam, "/ops/catalog/bus")["outbox"]["waiting"] == 0
    assert shop.parked() == 0
    assert trail(sam, "catalog") == [(WHO, "republish", "the broker lost its disk")]


def test_a_module_that_has_lost_an_event_consumes_it_again(shop: Shop) -> None:
    sam = sells(shop, "MUG")
    for table in ("offers", "inbox"):
        empties(shop, "orders", table)

    done(sam, "/ops/catalog/republish", {**SINCE, "reason": "orders lost its database"})
    shop.settle()

    assert can_buy(shop, "MUG")


def test_too_much_for_one_request_is_refused_with_the_command_that_can(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = sells(shop, "MUG")
    monkeypatch.setattr(history, "MAX_EVENTS", 0)

    answer: Any = sam.post("/ops/catalog/republish", {**SINCE, "reason": "the broker lost its disk"})

    assert (answer.status_code, answer.json["code"]) == (409, "too_many_events")
    assert "flask bus republish" in answer.json["detail"]
    assert trail(sam, "catalog") == []


def test_moments_bound_what_is_meant(shop: Shop) -> None:
    sam, later = sells(shop, "MUG"), rfc3339(clock.now() + timedelta(hours=1))

    for path in ("/ops/orders/replay", "/ops/catalog/republish"):
        assert done(sam, path, {"since": later, "until": later, "dry_run": True})["events"] == 0
        assert done(sam, path, {**SINCE, "until": SINCE["since"], "dry_run": True})["events"] == 0
        assert done(sam, path, {**SINCE, "key": "nothing of this key", "dry_run": True})["events"] == 0


@pytest.mark.parametrize(
    ("path", "requested", "code"),
    [
        ("/ops/orders/replay", {"type": "orders.order_paid.v1"}, "unknown_type"),
        ("/ops/orders/replay", {"type": "x' OR 1=1--"}, "unknown_type"),
        ("/ops/orders/replay", {"type": "catalog.stock_reserved.v1", "forget": True}, "not_a_projection"),
        ("/ops/catalog/republish", {"type": "orders.order_paid.v1"}, "unknown_type"),
        ("/ops/catalog/republish", {"forget": True}, "invalid_request"),
        ("/ops/orders/replay", {"reason": None}, "invalid_request"),
        ("/ops/catalog/republish", {"reason": " "}, "invalid_request"),
        ("/ops/orders/replay", {"dry_run": "true"}, "invalid_request"),
        ("/ops/orders/replay", {"dry_run": 1}, "invalid_request"),
        ("/ops/orders/replay", {"since": "2026-01-01T00:00:00"}, "invalid_request"),
        ("/ops/orders/replay", {"since": 1767225600}, "invalid_request"),
        ("/ops/orders/replay", {"since": "yesterday"}, "invalid_request"),
        ("/ops/orders/replay", {"until": "9999-99-99T00:00:00Z"}, "invalid_request"),
        ("/ops/orders/replay", {"key": "k" * 201}, "invalid_request"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_done(shop: Shop, path: str, requested: Any, code: str) -> None:
    sam = shop.as_staff()

    answer: Any = sam.post(path, {**SINCE, **WHY, **requested})

    assert (answer.status_code, answer.json["code"]) == (422, code), answer.json
    assert trail(sam, "orders") == trail(sam, "catalog") == []


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_a_moment_at_the_end_of_time_is_refused(shop: Shop, since: str) -> None:
    sam = shop.as_staff()

    for path in ("/ops/orders/replay", "/ops/catalog/republish"):
        answer: Any = sam.post(path, {"since": since, "until": since, "dry_run": True})
        assert (answer.status_code, set(answer.json["errors"])) == (422, {"since", "until"})


def test_a_replay_that_is_none_is_not_found(shop: Shop) -> None:
    answer: Any = shop.as_staff().get("/ops/orders/replays/00000000-0000-7000-8000-000000000001")

    assert (answer.status_code, answer.json["code"]) == (404, "no_such_replay")


def test_a_replay_is_its_modules_own(shop: Shop) -> None:
    sam = shop.as_staff()
    id = done(sam, "/ops/orders/replay", {**SINCE, **WHY}, status=202)["id"]

    assert sam.get(f"/ops/orders/replays/{id}").status_code == 200
    assert sam.get(f"/ops/users/replays/{id}").status_code == 404


def test_what_was_lost_of_a_stranger_is_not_in_the_outbox(shop: Shop) -> None:
    consumes(shop, "orders", offer("AFAR"))

    found = done(shop.as_staff(), "/ops/orders/replay", {**SINCE, "type": OFFER, "dry_run": True})

    assert found["events"] == 0


def test_as_a_command_it_counts_replays_and_reports(shop: Shop) -> None:
    sells(shop, "MUG", "PEN")
    empties(shop, "orders", "offers")
    command = ["bus", "replay", "--module", "orders", "--since", SINCE["since"], "--type", OFFER, "--forget"]
    run = shop.app.test_cli_runner().invoke

    dry = run(args=[*command, "--dry-run"])
    without = run(args=command)
    still_lost = not can_buy(shop, "MUG")
    whole = run(args=[*command, "--reason", "orders lost its offers"])

    assert dry.exit_code == 0 and f"2 {OFFER}, 2 to handle" in dry.output
    assert without.exit_code == 2 and "give the reason with --reason" in without.output
    assert still_lost
    assert whole.exit_code == 0, whole.output
    assert whole.output.splitlines()[-1] == "orders: 2 handled."
    assert can_buy(shop, "MUG") and can_buy(shop, "PEN")
    [(who, what, why)] = trail(shop.as_staff(), "orders")
    assert who.startswith("shell:") and (what, why) == ("replay", "orders lost its offers")
    assert asked(shop.as_staff(), "/ops/orders/bus")["jobs"]["waiting"] == 0


def test_a_replay_whose_command_is_interrupted_is_continued_by_the_shop(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sells(shop, "MUG", "PEN")
    empties(shop, "orders", "offers")
    command = ["bus", "replay", "--module", "orders", "--since", SINCE["since"], "--type", OFFER, "--forget"]

    with monkeypatch.context() as trouble:
        trouble.setattr("app.jobs.replay._feed", _interrupted)
        ended = shop.app.test_cli_runner().invoke(args=[*command, "--reason", "orders lost its offers"])
    waits = asked(shop.as_staff(), "/ops/orders/bus")["jobs"]["waiting"]
    with shop.modules["orders"].database.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET due_at = '2026-01-01 00:00:00'")  # half a minute has gone by
    shop.settle()

    assert ended.exit_code != 0
    assert waits == 1
    assert can_buy(shop, "MUG") and can_buy(shop, "PEN")


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt
