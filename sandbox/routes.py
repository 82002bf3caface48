"""The calls of the API, with the parameters that each accepts."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .call import Call
from .charges import retrieve_charge
from .disputes import retrieve_dispute
from .intents import cancel_intent, capture_intent, confirm_intent, create_intent, retrieve_intent
from .lists import list_charges, list_disputes, list_endpoints, list_events, list_intents, list_refunds, retrieve_event
from .parameters import (
    EXPAND,
    PAGE,
    Schema,
    anything,
    hash_of,
    metadata,
    one_of,
    positive,
    text,
    timestamps,
    whole,
    words,
    yes_or_no,
)
from .payment_methods import create_payment_method, retrieve_payment_method
from .refunds import create_refund, retrieve_refund
from .refusals import Record
from .search import search_intents
from .tax_calculations import CALCULATION, create_calculation, list_calculation_lines, retrieve_calculation
from .tax_transactions import COMMIT, REVERSE, commit_tax, list_tax_lines, retrieve_tax, reverse_tax

METHOD: Schema = {
    "type": one_of("card"),
    "card": hash_of({"token": text, "number": text, "exp_month": whole, "exp_year": whole, "cvc": text}),
    "billing_details": hash_of({"address": anything, "email": text, "name": text, "phone": text}),
    "allow_redisplay": one_of("always", "limited", "unspecified"),
    "metadata": metadata,
}
PAYING: Schema = {
    **EXPAND,
    "capture_method": one_of("automatic", "automatic_async", "manual"),
    "error_on_requires_action": yes_or_no,
    "off_session": one_of("true", "false", "one_off", "recurring"),
    "payment_method": text,
    "payment_method_data": hash_of(METHOD),
    "payment_method_options": anything,
    "receipt_email": text,
    "return_url": text,
    "setup_future_usage": one_of("off_session", "on_session"),
    "shipping": anything,
    "use_stripe_sdk": yes_or_no,
}
CREATE: Schema = {
    **PAYING,
    "allowed_payment_method_types": words,
    "amount": positive,
    "automatic_payment_methods": hash_of({"enabled": yes_or_no, "allow_redirects": one_of("always", "never")}),
    "confirm": yes_or_no,
    "confirmation_method": one_of("automatic"),  # manual belongs to an older flow that confirms on the server
    "currency": text,
    "customer": text,
    "description": text,
    "metadata": metadata,
    "statement_descriptor": text,
    "statement_descriptor_suffix": text,
    "transfer_group": text,
}
CAPTURE: Schema = {**EXPAND, "amount_to_capture": positive, "final_capture": yes_or_no, "metadata": metadata}
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
CANCEL: Schema = {**EXPAND, "cancellation_reason": one_of(*REASONS, "abandoned")}
REFUND: Schema = {
    **EXPAND,
    "amount": positive,
    "charge": text,
    "instructions_email": text,
    "metadata": metadata,
    "payment_intent": text,
    "reason": one_of(*REASONS),
}
SEARCH: Schema = {**EXPAND, "limit": positive, "page": text, "query": text}
EVENTS: Schema = {**PAGE, "created": timestamps, "delivery_success": yes_or_no, "type": text, "types": words}
CHARGES: Schema = {**PAGE, "created": timestamps, "customer": text, "payment_intent": text}
REFUNDS: Schema = {**PAGE, "created": timestamps, "charge": text, "payment_intent": text}


@dataclass(frozen=True)
class Route:
    """One call, its parameters, and the function that answers it."""

    method: str
    path: str  # {id} is an object's id
    action: str  # its name in faults
    answer: Callable[[Call, str, Record], Record]
    schema: Schema = field(default_factory=lambda: EXPAND)
    required: tuple[str, ...] = ()


TAX = "/v1/tax/transactions"
ROUTES = (
    Route("POST", "/v1/payment_intents", "create", create_intent, CREATE, ("amount", "currency")),
    Route("GET", "/v1/payment_intents", "list", list_intents, {**PAGE, "created": timestamps, "customer": text}),
    Route("GET", "/v1/payment_intents/search", "search", search_intents, SEARCH, ("query",)),
    Route("GET", "/v1/payment_intents/{id}", "retrieve", retrieve_intent, {**EXPAND, "client_secret": text}),
    Route("POST", "/v1/payment_intents/{id}/confirm", "confirm", confirm_intent, PAYING),
    Route("POST", "/v1/payment_intents/{id}/capture", "capture", capture_intent, CAPTURE),
    Route("POST", "/v1/payment_intents/{id}/cancel", "cancel", cancel_intent, CANCEL),
    Route("POST", "/v1/payment_methods", "create", create_payment_method, {**EXPAND, **METHOD}, ("type",)),
    Route("GET", "/v1/payment_methods/{id}", "retrieve", retrieve_payment_method),
    Route("GET", "/v1/charges", "list", list_charges, CHARGES),
    Route("GET", "/v1/charges/{id}", "retrieve", retrieve_charge),
    Route("POST", "/v1/refunds", "create", create_refund, REFUND),
    Route("GET", "/v1/refunds", "list", list_refunds, REFUNDS),
    Route("GET", "/v1/refunds/{id}", "retrieve", retrieve_refund),
    Route("GET", "/v1/disputes", "list", list_disputes, REFUNDS),
    Route("GET", "/v1/disputes/{id}", "retrieve", retrieve_dispute),
    Route("POST", "/v1/tax/calculations", "create", create_calculation, CALCULATION, ("currency", "line_items")),
    Route("GET", "/v1/tax/calculations/{id}", "retrieve", retrieve_calculation),
    Route("GET", "/v1/tax/calculations/{id}/line_items", "list", list_calculation_lines, PAGE),
    Route("POST", f"{TAX}/create_from_calculation", "commit", commit_tax, COMMIT, ("calculation", "reference")),
    Route(
        "POST", f"{TAX}/create_reversal", "reverse", reverse_tax, REVERSE, ("mode", "original_transaction", "reference")
    ),
    Route("GET", TAX + "/{id}", "retrieve", retrieve_tax),
    Route("GET", TAX + "/{id}/line_items", "list", list_tax_lines, PAGE),
    Route("GET", "/v1/webhook_endpoints", "list", list_endpoints, PAGE),
    Route("GET", "/v1/events", "list", list_events, EVENTS),
    Route("GET", "/v1/events/{id}", "retrieve", retrieve_event),
)
_PATTERNS = [(route, re.compile(route.path.replace("{id}", r"([A-Za-z0-9_]+)"))) for route in ROUTES]


def route_for(method: str, path: str) -> tuple[Route, str] | None:
    """Find the route of a request, and the id in its path."""
    for route, pattern in _PATTERNS:
        if route.method == method and (match := pattern.fullmatch(path)):
            return route, match[1] if match.lastindex else ""
    return None
