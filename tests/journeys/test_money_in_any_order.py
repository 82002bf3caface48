"""Whatever people, Stripe and banks do with the money of an order, in any order: all say the same in the end."""

import json
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import UUID

import pytest

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.journeys.steps import pays, places, signs_up, stocks
from tests.journeys.test_money_that_moves_later import at_stripe
from tests.orders.taxes import collects
from tests.payments.steps import gateway_of
from tests.shop import INVOICING, Caller, Shop
from tests.users.conftest import CHEAP

PRICE, QUANTITY, TOTAL = Money(905, "EUR"), 2, 1810
STEPS = 10
OPTIONS = {**INVOICING, "TAX": "internal", "HOME_COUNTRY": "DE"}
AT_DISPATCH = {"CAPTURE": "shipment", "AT_HOLD_END": "cancel"}
CARDS = ["pm_card_visa", "pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail"]


@pytest.fixture(scope="module", params=[{}, AT_DISPATCH], ids=["captured at once", "captured at dispatch"])
def selling(request: Any, tmp_path_factory: pytest.TempPathFactory, running_sandbox: str) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("any-order")
    modules = (catalog, orders, payments, partial(users, passwords=CHEAP))
    shop = Shop(folder, *modules, STRIPE_API_BASE=running_sandbox, **OPTIONS, **request.param)
    collects(shop, DE=190_000)
    stocks(shop, "MUG", PRICE, on_hand=1000)
    yield shop
    shop.close()


class Purchase:
    """The money of one order, and what can be done with it."""

    def __init__(self, shop: Shop, alice: Caller, dice: random.Random) -> None:
        self.shop, self.alice, self.dice = shop, alice, dice
        self.done: list[str] = []
        self.order_id = places(shop, alice, "MUG", QUANTITY, PRICE)
        found: Any = alice.get(f"/payments?order_id={self.order_id}").json
        self.payment_id = found["items"][0]["id"]
        if dice.random() < 0.2:
            self._captures_a_part_by_hand()
        else:
            assert pays(alice, self.order_id, dice.choice(CARDS)).status_code == 200
            shop.settle()

    def _captures_a_part_by_hand(self) -> None:
        with self.shop.modules["payments"].transaction() as uow:
            payment = uow.payments.get(UUID(self.payment_id))
        gateway_of(self.shop).confirm(payment, "pm_card_visa", new_id())
        self._act("capture", intent=payment.intent_id, amount=self.dice.choice([100, 900]))

    def at_stripe(self) -> Any:
        base = self.shop.own["payments"].stripe_base
        with urlopen(f"{base}/sandbox/state?order_id={self.order_id}", timeout=60) as state:
            return json.load(state)

    def _act(self, what: str, **given: Any) -> None:
        try:
            at_stripe(self.shop, what, **given)
            self.done.append(f"{what} {given}")
        except HTTPError:
            self.done.append(f"no {what}")

    def refunds_a_part(self) -> None:
        amount = {"amount": self.dice.choice([1, 300, 500, 905]), "currency": "EUR"}
        self._requests({"reason": "a chip", "amount": amount})

    def refunds_all(self) -> None:
        self._requests({"reason": "all of it"})

    def _requests(self, body: Any) -> None:
        answer = self.shop.as_staff().post(f"/payments/{self.payment_id}/refunds", body)
        self.done.append(f"{body}: {answer.status_code}")

    def refunds_at_stripe(self) -> None:
        self._act("refund", intent=self.at_stripe()["intents"][0]["id"], amount=self.dice.choice([1, 300, 905]))

    def bank_returns_a_refund(self) -> None:
        made = [each["id"] for each in self.at_stripe()["refunds"] if each["status"] != "failed"]
        if made:
            self._act("fail_refund", refund=self.dice.choice(made))

    def bank_disputes(self) -> None:
        more = self.dice.choice([{}, {"amount": 700}])
        self._act("dispute", intent=self.at_stripe()["intents"][0]["id"], **more)

    def bank_decides(self) -> None:
        found = self.at_stripe().get("disputes", [])
        if found:
            self._act("close_dispute", dispute=found[-1]["id"], status=self.dice.choice(["won", "lost"]))

    def customer_cancels(self) -> None:
        self.done.append(f"cancel: {self.alice.post(f'/orders/{self.order_id}/cancel').status_code}")

    def staff_dispatches(self) -> None:
        staff = self.shop.as_staff()
        packed = staff.post(f"/orders/{self.order_id}/shipments", {"lines": [{"sku": "MUG", "quantity": 1}]})
        self.done.append(f"pack: {packed.status_code}")
        if packed.status_code == 201:
            shipment: Any = packed.json
            path = f"/orders/{self.order_id}/shipments/{shipment['id']}/dispatch"
            sent = staff.post(path, {"carrier": "DHL", "tracking_number": "1"})
            self.done.append(f"dispatch: {sent.status_code} {sent.text[:80]}")

    def staff_refunds_a_unit(self) -> None:
        body = {"lines": [{"sku": "MUG", "quantity": 1}], "reason": "a crack"}
        answer = self.shop.as_staff().post(f"/orders/{self.order_id}/refunds", body)
        self.done.append(f"refund a unit: {answer.status_code}")

    def staff_packs(self) -> None:
        body = {"lines": [{"sku": "MUG", "quantity": 1}]}
        answer = self.shop.as_staff().post(f"/orders/{self.order_id}/shipments", body)
        self.done.append(f"pack: {answer.status_code}")

    def staff_unpacks(self) -> None:
        found: Any = self.shop.as_staff().get(f"/orders/{self.order_id}/shipments").json["items"]  # type: ignore[index]
        for each in [each for each in found if each["status"] == "packed"][:1]:
            answer = self.shop.as_staff().post(f"/orders/{self.order_id}/shipments/{each['id']}/unpack")
            self.done.append(f"unpack: {answer.status_code}")

    def bank_confirms(self) -> None:
        waiting = [each["id"] for each in self.at_stripe()["refunds"] if each["status"] == "pending"]
        if waiting:
            self._act("settle_refund", refund=waiting[0])

    def staff_nudges(self) -> None:
        self.shop.as_staff().post(f"/ops/orders/{self.order_id}/nudge", {"reason": "it looks odd"})
        self.done.append("nudge")

    def goes_on(self) -> None:
        """Whatever happened at Stripe is reported."""
        with self.shop.modules["payments"].transaction() as uow:
            uow.enqueue("look", UUID(self.payment_id))
        self.shop.settle()

    def differences(self) -> list[str]:
        """Between Stripe, payments, orders, their documents, and the list of stuck orders."""
        state, staff, found = self.at_stripe(), self.shop.as_staff(), list[str]()
        order: Any = staff.get(f"/orders/{self.order_id}").json
        payment: Any = staff.get(f"/payments/{self.payment_id}").json
        refunded = sum(each["amount"] for each in state["refunds"] if each["status"] != "failed")
        disputed = order["disputed"]["amount"]

        def check(holds: bool, sentence: str) -> None:
            found.extend([] if holds else [sentence])

        both = payment["refunded"]["amount"], order["refunded"]["amount"]
        check(both == (refunded, refunded), f"{refunded} is refunded at Stripe, {both} here")
        check(payment["disputed"]["amount"] == disputed, f"{payment['disputed']} is disputed, {disputed} of the order")
        is_pending = any(each["status"] == "pending" for each in state["refunds"])
        check(order["refund"] != "pending" or is_pending, "it waits for a refund that there is not")
        check(order["refund"] != "none" or not state["refunds"], "it shows no refund, and there is one")
        left = state["intents"][0]["amount_received"] - refunded - disputed
        is_off = order["status"] in {"cancelled", "refunded"}
        check(not is_off or left <= 0 or order["refund"] in {"failed", "pending"}, f"it is off, and {left} is left")
        for sentence in self._of_units(order):
            check(False, sentence)
        documents: Any = staff.get(f"/orders/{self.order_id}/documents").json["items"]  # type: ignore[index]
        billed, taxed = (sum(_signed(each)[n] for each in documents) for n in (0, 1))
        taken = disputed if order["status"] == "refunded" else 0
        due = 0 if order["status"] == "cancelled" else max(0, TOTAL - refunded - taken)
        check(not documents or billed == due, f"{due} is due, {billed} by its documents")
        check(bool(billed) or not taxed, f"a tax of {taxed} is left on its documents")
        stuck: Any = staff.get("/ops/orders/stuck?limit=100").json["items"]  # type: ignore[index]
        is_stuck = self.order_id in {each["order_id"] for each in stuck}
        check(
            is_stuck == (order["refund"] == "failed"), f"its refund is {order['refund']}, and it is stuck: {is_stuck}"
        )
        return found

    def _of_units(self, order: Any) -> Iterator[str]:
        """What is wrong with the refunds of units, and with the units in catalog."""
        [line] = order["lines"]
        refunds: Any = self.shop.as_staff().get(f"/orders/{self.order_id}/refunds").json["items"]  # type: ignore[index]
        units = sum(each["lines"][0]["quantity"] for each in refunds if each["status"] != "failed")
        if any(each["status"] == "requested" for each in refunds):
            yield f"it waits for {refunds}"
        if line["refunded"] != units:
            yield f"{line['refunded']} are refunded, and there are refunds of {units}"
        if line["cancelled"] + line["packed"] > QUANTITY or line["dispatched"] > line["packed"]:
            yield f"its counts are {line}"
        with self.shop.modules["catalog"].transaction() as uow:
            sold, left = uow.stock.held_for(UUID(self.order_id)), uow.stock.dispatched_for(UUID(self.order_id))
        if left.get("MUG", 0) != line["dispatched"]:
            yield f"{line['dispatched']} were dispatched, {left} in stock"
        if order["status"] in {"confirmed", "paid"} and sold.get("MUG", 0) != QUANTITY - line["cancelled"]:
            yield f"{line['cancelled']} are cancelled, and {sold} sold in stock"

    def anything(self) -> None:
        self.dice.choice(
            [
                self.refunds_a_part,
                self.refunds_all,
                self.refunds_at_stripe,
                self.bank_returns_a_refund,
                self.bank_returns_a_refund,
                self.bank_disputes,
                self.bank_decides,
                self.bank_confirms,
                self.customer_cancels,
                self.staff_dispatches,
                self.staff_refunds_a_unit,
                self.staff_packs,
                self.staff_unpacks,
                self.staff_nudges,
            ]
        )()


@pytest.mark.parametrize("seed", range(6))
def test_all_agree_whatever_happens(selling: Shop, seed: int) -> None:
    purchase = Purchase(selling, signs_up(selling, f"buyer{seed}@example.com"), random.Random(seed))
    for _ in range(STEPS):
        purchase.anything()
        if purchase.dice.random() < 0.7:
            purchase.goes_on()
    for _ in range(2):
        purchase.goes_on()

    assert purchase.differences() == [], purchase.done
    assert selling.parked() == 0


def _signed(document: Any) -> tuple[int, int]:
    """The amount of a document and the tax in it, below zero for a credit note."""
    sign = 1 if document["kind"] == "invoice" else -1
    return sign * document["amount"]["amount"], sign * sum(each["amount"]["amount"] for each in document["taxes"])
