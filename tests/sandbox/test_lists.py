"""Search, lists, and expanded objects."""

from uuid import uuid4

import pytest
import stripe

from tests.sandbox.driver import Sandbox


def test_an_intent_is_found_by_its_metadata_and_status(sandbox: Sandbox) -> None:
    order, other = str(uuid4()), str(uuid4())
    open_one, held = sandbox.intent(metadata={"order_id": order}), sandbox.authorised(metadata={"order_id": order})
    sandbox.intent(metadata={"order_id": other})

    def found(query: str) -> list[str]:
        return [each.id for each in sandbox.stripe.v1.payment_intents.search({"query": query}).data]

    assert found(f"metadata['order_id']:'{order}'") == [held.id, open_one.id]
    assert found(f"metadata['order_id']:'{order}' AND status:'requires_capture'") == [held.id]
    assert found(f'metadata["order_id"]:"{order}" AND status:"canceled"') == []
    assert found("metadata['order_id']:'none'") == []


def test_a_search_goes_on_page_by_page(sandbox: Sandbox) -> None:
    order = str(uuid4())
    made = [sandbox.intent(metadata={"order_id": order}).id for _ in range(5)]

    pages = sandbox.stripe.v1.payment_intents.search({"query": f"metadata['order_id']:'{order}'", "limit": 2})

    assert pages.has_more
    assert [each.id for each in pages.auto_paging_iter()] == made[::-1]


@pytest.mark.parametrize(
    "query", ["", "order_id:'1'", "metadata['a']:'1' OR status:'b'", "metadata['a']:1", "status:'a' AND ", "status:'"]
)
def test_a_search_that_cannot_be_read_is_refused(sandbox: Sandbox, query: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.search({"query": query})

    assert (refused.value.http_status, refused.value.param) == (400, "query")


def test_a_list_has_the_newest_first_and_goes_both_ways(sandbox: Sandbox) -> None:
    intents = sandbox.stripe.v1.payment_intents
    first, second, third = (sandbox.intent().id for _ in range(3))

    assert [each.id for each in intents.list({"limit": 2}).data] == [third, second]
    assert [each.id for each in intents.list({"limit": 1, "starting_after": second}).data] == [first]
    assert [each.id for each in intents.list({"ending_before": first}).data] == [third, second]
    with pytest.raises(stripe.InvalidRequestError):
        intents.list({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError):
        intents.list({"starting_after": "pi_nothing"})


def test_a_list_can_be_narrowed_to_a_time(sandbox: Sandbox) -> None:
    intent = sandbox.intent()

    def listed(**bounds: int) -> list[str]:
        return [each.id for each in sandbox.stripe.v1.payment_intents.list({"created": bounds}).data]

    assert intent.id in listed(gte=intent.created, lt=intent.created + 1)
    assert listed(gt=intent.created + 3600) == []


def test_events_list_what_happened_to_an_intent(sandbox: Sandbox) -> None:
    paid = sandbox.captured()

    events = sandbox.stripe.v1.events.list({"limit": 20}).data
    about = [each for each in events if each.data.object["id"] == paid.id]

    assert [each.type for each in about] == [
        "payment_intent.succeeded",
        "payment_intent.amount_capturable_updated",
        "payment_intent.created",
    ]
    assert sandbox.stripe.v1.events.retrieve(about[0].id).data.object["status"] == "succeeded"
    only = sandbox.stripe.v1.events.list({"types": ["charge.captured"], "limit": 1}).data
    assert [(each.type, each.data.object["payment_intent"]) for each in only] == [("charge.captured", paid.id)]


def test_the_charge_can_come_along_with_its_intent(sandbox: Sandbox) -> None:
    intents = sandbox.stripe.v1.payment_intents
    intent = sandbox.intent(expand=["latest_charge"], metadata={"order_id": (order := str(uuid4()))})
    assert intent.latest_charge is None

    held = intents.confirm(intent.id, {"payment_method": "pm_card_visa", "expand": ["latest_charge"]})
    paid = intents.capture(intent.id, {"expand": ["latest_charge", "latest_charge.payment_intent"]})
    found = intents.search({"query": f"metadata['order_id']:'{order}'", "expand": ["data.latest_charge"]})

    assert isinstance(held.latest_charge, stripe.Charge) and not held.latest_charge.captured
    assert isinstance(paid.latest_charge, stripe.Charge) and paid.latest_charge.captured
    assert isinstance(paid.latest_charge.payment_intent, stripe.PaymentIntent)
    assert isinstance(found.data[0].latest_charge, stripe.Charge)
    assert isinstance(intents.retrieve(intent.id).latest_charge, str)


@pytest.mark.parametrize("path", ["status", "nothing", "latest_charge.nothing"])
def test_what_is_no_reference_cannot_be_expanded(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.retrieve(sandbox.authorised().id, {"expand": [path]})

    assert refused.value.param == "expand"


def test_each_try_to_pay_is_a_charge_of_its_intent(sandbox: Sandbox) -> None:
    intent, other = sandbox.intent(), sandbox.authorised()
    for card in ("pm_card_chargeDeclinedStolenCard", "pm_card_chargeDeclined"):
        with pytest.raises(stripe.CardError):
            sandbox.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": card})

    listed = sandbox.stripe.v1.charges.list({"payment_intent": intent.id}).data

    assert [(each.status, each.outcome and each.outcome.reason) for each in listed] == [
        ("failed", "generic_decline"),
        ("failed", "stolen_card"),
    ]
    assert len(sandbox.stripe.v1.charges.list({"limit": 3}).data) == 3
    assert [each.status for each in sandbox.stripe.v1.charges.list({"payment_intent": other.id}).data] == ["succeeded"]
