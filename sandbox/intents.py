"""The calls on payment intents: create, retrieve, confirm, capture, cancel."""

from .call import Call
from .cards import card_with_last4
from .charges import capture_charge, find_charge, has_expired, void_charge
from .currencies import check_step
from .events import publish
from .intent_object import intent_object
from .intent_rules import check_new_intent, check_return
from .lifecycle import advance, find_intent, intent_to
from .paying import ask_bank, close
from .payment_methods import create_payment_method, method_to_pay_with
from .refusals import Record, Refused, invalid, unexpected_state


def create_intent(call: Call, _: str, given: Record) -> Record:
    """Create an intent; with confirm=true it is authorised at once."""
    check_new_intent(given)
    intent = intent_object(given)
    if given.get("confirm"):
        check_return(intent, given)
    if method := _method_named(call, given):
        intent.update(payment_method=method, status="requires_confirmation")
    elif given.get("confirm"):
        raise invalid("You must provide a payment_method when confirm is true.", param="payment_method")
    call.rows.add(intent, intent["id"])
    call.rows.index_metadata(intent)
    publish(call, "payment_intent.created", intent)
    if given.get("confirm"):
        _confirm(call, intent, given)
    return intent


def retrieve_intent(call: Call, identity: str, _: Record) -> Record:
    return find_intent(call, identity)


def confirm_intent(call: Call, identity: str, given: Record) -> Record:
    intent = intent_to("confirm", call, identity)
    check_return(intent, given)
    method = _method_named(call, given) or intent["payment_method"]
    if method is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method. "
        raise unexpected_state(intent, message + "You can confirm it again directly with a payment method.")
    intent["payment_method"] = method
    for name in ("capture_method", "receipt_email", "setup_future_usage", "shipping"):
        intent[name] = given.get(name, intent[name])
    _confirm(call, intent, given)
    return intent


def capture_intent(call: Call, identity: str, given: Record) -> Record:
    """Capture what is authorised, or less. The rest is released: an intent has one capture."""
    if given.get("final_capture") is False:
        raise invalid("final_capture=false needs multicapture, which this account lacks.", param="final_capture")
    intent = intent_to("capture", call, identity)
    amount: int = given["amount_to_capture"] if "amount_to_capture" in given else intent["amount_capturable"]
    check_step(amount, intent["currency"], "amount_to_capture")
    if amount > intent["amount_capturable"]:
        raise _too_much(intent)
    charge = find_charge(call, intent["latest_charge"], status=400)
    if has_expired(charge) or not card_with_last4(charge["payment_method_details"]["card"]["last4"]).captures:
        raise _expired(call, intent, charge)
    if "metadata" in given:
        merged = {**intent["metadata"], **given["metadata"]} if given["metadata"] else {}
        intent["metadata"] = {key: value for key, value in merged.items() if value}
        call.rows.index_metadata(intent)
    capture_charge(call, charge, amount)
    intent.update(amount_capturable=0, amount_received=amount)
    advance(call, intent, "succeeded", "payment_intent.succeeded")
    return intent


def cancel_intent(call: Call, identity: str, given: Record) -> Record:
    """Cancel the intent, and release what is authorised."""
    intent = intent_to("cancel", call, identity)
    if intent["status"] == "requires_capture":
        void_charge(call, find_charge(call, intent["latest_charge"], status=400), "charge.refunded")
    close(call, intent, given.get("cancellation_reason"))
    return intent


def _method_named(call: Call, given: Record) -> str | None:
    if data := given.get("payment_method_data"):
        return str(create_payment_method(call, "", data)["id"])
    if name := given.get("payment_method"):
        return str(method_to_pay_with(call, name)["id"])
    return None


def _confirm(call: Call, intent: Record, given: Record) -> None:
    method = method_to_pay_with(call, intent["payment_method"])
    alone = bool(given.get("error_on_requires_action")) or given.get("off_session", "false") != "false"
    return_url = given.get("return_url")
    ask_bank(call, intent, method, card_with_last4(method["card"]["last4"]), alone=alone, return_url=return_url)


def _too_much(intent: Record) -> Refused:
    message = "The payment could not be captured because the requested capture amount is greater than the amount you "
    message += f"can capture for this charge: {intent['amount_capturable']}."
    more: Record = {"param": "amount_to_capture", "payment_intent": intent}
    return Refused(400, "invalid_request_error", message, code="amount_too_large", **more)


def release_expired(call: Call) -> int:
    """Release the money of every authorization that has expired; returns how many there were."""
    held = call.rows.run("SELECT id FROM objects WHERE object = 'payment_intent' AND body LIKE '%requires_capture%'")
    count = 0
    for (identity,) in held.fetchall():
        intent = find_intent(call, identity)
        if intent["status"] == "requires_capture":
            charge = find_charge(call, intent["latest_charge"], status=400)
            if has_expired(charge):
                _expire(call, intent, charge)
                count += 1
    return count


def _expire(call: Call, intent: Record, charge: Record) -> None:
    void_charge(call, charge, "charge.expired")
    close(call, intent, "expired")


def _expired(call: Call, intent: Record, charge: Record) -> Refused:
    """Cancel the intent whose authorization has expired, as `pm_card_captureFails` simulates, or time."""
    _expire(call, intent, charge)
    message = f"The charge {charge['id']} cannot be captured as the authorization has expired."
    more: Record = {"charge": charge["id"], "payment_intent": intent}
    return Refused(400, "invalid_request_error", message, code="charge_expired_for_capture", **more)
