"""The sandbox compared with stripe-mock, which checks requests against Stripe's OpenAPI and answers in Stripe's
shapes.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from tests.sandbox.driver import NEVER_REDIRECT, Sandbox, client
from tests.servers import address

INTENT = ["id", "object", "status", "amount", "currency", "client_secret", "amount_received", "metadata"]
CHARGE = ["id", "object", "amount_refunded", "captured", "amount", "status", "payment_intent"]
REFUND = ["id", "object", "status", "amount", "currency", "charge", "payment_intent", "metadata", "reason"]
DISPUTE = ["id", "object", "status", "amount", "currency", "reason", "evidence_details", "payment_intent", "charge"]
EVENT = ["id", "object", "type", "data", "created", "pending_webhooks", "request", "api_version", "livemode"]
CHARGE_TOO: Any = {"expand": ["latest_charge"]}
Ask = Callable[[stripe.StripeClient, "Known"], Any]


class Known:
    """The objects on one side: stripe-mock accepts any id, the sandbox only its own."""

    def __init__(self, intent: str, held: str, paid: str) -> None:
        self.intent, self.held, self.paid = intent, held, paid


def create(api: stripe.StripeClient, _: Known) -> Any:
    about = {"amount": 1000, "currency": "eur", "capture_method": "manual", "metadata": {"order_id": "1"}}
    return api.v1.payment_intents.create({**about, **CHARGE_TOO, "automatic_payment_methods": NEVER_REDIRECT})


def confirm(api: stripe.StripeClient, known: Known) -> Any:
    return api.v1.payment_intents.confirm(known.intent, {"payment_method": "pm_card_visa", **CHARGE_TOO})


def capture(api: stripe.StripeClient, known: Known) -> Any:
    return api.v1.payment_intents.capture(known.held, CHARGE_TOO)


def cancel(api: stripe.StripeClient, known: Known) -> Any:
    return api.v1.payment_intents.cancel(known.held, CHARGE_TOO)


def retrieve(api: stripe.StripeClient, known: Known) -> Any:
    return api.v1.payment_intents.retrieve(known.paid, CHARGE_TOO)


def search(api: stripe.StripeClient, _: Known) -> Any:
    about = {"query": "metadata['order_id']:'1'", "expand": ["data.latest_charge"]}
    return api.v1.payment_intents.search(about).data[0]


def listed(api: stripe.StripeClient, _: Known) -> Any:
    return api.v1.payment_intents.list({"limit": 1}).data[0]


def charge(api: stripe.StripeClient, known: Known) -> Any:
    return api.v1.charges.retrieve(api.v1.payment_intents.retrieve(known.paid, CHARGE_TOO).latest_charge.id)


def refund(api: stripe.StripeClient, known: Known) -> Any:
    about = {"payment_intent": known.paid, "amount": 5, "metadata": {"refund_id": "1"}, "reason": "duplicate"}
    return api.v1.refunds.create(about)


def listed_refund(api: stripe.StripeClient, known: Known) -> Any:
    api.v1.refunds.create({"payment_intent": known.paid, "amount": 5})
    return api.v1.refunds.list({"payment_intent": known.paid, "limit": 100}).data[0]


def listed_event(api: stripe.StripeClient, _: Known) -> Any:
    return api.v1.events.list({"types": ["payment_intent.created"], "limit": 1}).data[0]


CALLS: list[tuple[Ask, list[str]]] = [
    (create, INTENT),
    (confirm, INTENT),
    (capture, INTENT),
    (cancel, INTENT),
    (retrieve, INTENT),
    (search, INTENT),
    (listed, INTENT),
    (charge, CHARGE),
    (refund, REFUND),
    (listed_refund, REFUND),
    (listed_event, EVENT),
]


@pytest.fixture
def mock() -> stripe.StripeClient:
    """A client of stripe-mock, if it runs."""
    return client(address("STRIPE_MOCK_URL"))


@pytest.fixture
def known(sandbox: Sandbox) -> Known:
    """One intent of each kind."""
    about: Any = {"metadata": {"order_id": "1"}}
    return Known(sandbox.intent(**about).id, sandbox.authorised(**about).id, sandbox.captured(**about).id)


def unlike(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yield the paths at which the types of two answers differ. Null matches any type, as only Stripe's prose says
    which values may be null.
    """
    if isinstance(ours, dict) and isinstance(theirs, dict):
        free = path.endswith(("metadata", "data.object"))  # the keys are the caller's, or another object's
        for name in ours.keys() & theirs.keys() if not free else ():
            yield from unlike(ours[name], theirs[name], f"{path}.{name}")
    elif ours is not None and theirs is not None and type(ours) is not type(theirs):
        yield f"{path}: {type(ours).__name__} here, {type(theirs).__name__} there"


@pytest.mark.parametrize(("ask", "read"), CALLS, ids=lambda value: getattr(value, "__name__", ""))
def test_an_answer_has_stripes_fields_and_types(
    sandbox: Sandbox, mock: stripe.StripeClient, known: Known, ask: Ask, read: list[str]
) -> None:
    ours = ask(sandbox.stripe, known).to_dict()
    theirs = ask(mock, Known("pi_1", "pi_2", "pi_3")).to_dict()

    assert [name for name in read if name not in ours] == []
    assert [name for name in read if name not in theirs] == []
    assert ours["object"] == theirs["object"]
    assert list(unlike(ours, theirs)) == []
    assert sorted(ours.keys() - theirs.keys()) == []


def test_the_charge_of_an_intent_has_stripes_fields(sandbox: Sandbox, mock: stripe.StripeClient, known: Known) -> None:
    ours, theirs = retrieve(sandbox.stripe, known).latest_charge, retrieve(mock, known).latest_charge

    assert [name for name in CHARGE if name not in ours or name not in theirs] == []
    assert list(unlike(ours.to_dict(), theirs.to_dict())) == []


@pytest.mark.parametrize(
    "wrong",
    [{"colour": "red"}, {"capture_method": "later"}, {"amount": "ten"}, {"automatic_payment_methods": {"on": True}}],
)
def test_what_stripe_mock_refuses_the_sandbox_refuses(
    sandbox: Sandbox, mock: stripe.StripeClient, wrong: dict[str, Any]
) -> None:
    for api in (mock, sandbox.stripe):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            api.v1.payment_intents.create({"amount": 1000, "currency": "eur", **wrong})
        assert refused.value.http_status == 400


def test_a_dispute_has_stripes_fields_and_types(sandbox: Sandbox, mock: stripe.StripeClient, known: Known) -> None:
    sandbox.dashboard("dispute", intent=known.paid)

    [ours] = sandbox.stripe.v1.disputes.list({"payment_intent": known.paid}).data
    theirs = mock.v1.disputes.list({"payment_intent": "pi_1"}).data[0]

    assert [name for name in DISPUTE if name not in ours or name not in theirs] == []
    assert list(unlike(ours.to_dict(), theirs.to_dict())) == []


def test_a_refund_that_failed_has_stripes_fields(sandbox: Sandbox, mock: stripe.StripeClient, known: Known) -> None:
    refund = sandbox.stripe.v1.refunds.create({"payment_intent": known.paid})
    sandbox.dashboard("fail_refund", refund=refund.id)

    ours = sandbox.stripe.v1.refunds.retrieve(refund.id).to_dict()
    theirs = mock.v1.refunds.retrieve(refund.id).to_dict()

    assert list(unlike(ours, theirs)) == []
    assert sorted(ours.keys() - theirs.keys() - {"failure_reason", "failure_balance_transaction"}) == []


def test_a_webhook_endpoint_has_stripes_fields(sandbox: Sandbox, mock: stripe.StripeClient) -> None:
    [ours] = sandbox.stripe.v1.webhook_endpoints.list().data
    theirs = mock.v1.webhook_endpoints.list().data[0]

    assert sorted(ours.to_dict().keys() - theirs.to_dict().keys()) == []
    assert list(unlike(ours.to_dict(), theirs.to_dict())) == []
