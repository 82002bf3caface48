"""Stripe Tax as a provider of tax: the calls. What a calculation says is read in stripe_tax_answers.py."""

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from app.kernel.crash import crash_point
from app.kernel.errors import Invalid, Unavailable
from app.kernel.places import leave_place
from app.modules.orders.domain.tax.question import (
    AWAY,
    AskedLine,
    Part,
    Recorded,
    TaxAnswer,
    TaxQuestion,
    Unclear,
)
from app.modules.orders.domain.tax.rules import NumberState
from app.modules.orders.domain.tax.taxed import SHIPPING
from app.modules.orders.infrastructure.metrics import TAX_ASKED
from app.modules.orders.infrastructure.slow_answers import read_until
from app.modules.orders.infrastructure.tax.stripe_tax_answers import answer_of, inconsistent
from app.telemetry import tracing

log = logging.getLogger(__name__)

TIMEOUT = 10  # seconds of a call; a job makes two at most within its lease
MAX_ANSWER = 2_000_000  # bytes; a hundred lines with ten taxes each are a tenth of it
MAX_PAGES = 20  # of a hundred lines
VERSION = "2026-10-28.endive"
OTHER_UNITS = frozenset({"ISK", "MGA", "UGX"})  # Stripe's unit is not the smallest of these
TAX_CODE = re.compile(r"txcd-\d{8}", re.ASCII)
BREAKDOWN = "tax_breakdown"


class StripeTax:
    """It never repeats a call: a client asks again, and so does the worker. No failure names what was sent."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._key = key

    def estimate(self, question: TaxQuestion) -> TaxAnswer:
        if question.currency in OTHER_UNITS:
            raise Invalid("total_not_payable", f"the tax of orders in {question.currency} cannot be computed")
        outcome = "away"
        try:
            answer = self._call("estimate", "/v1/tax/calculations", _calculation(question))
            outcome = "inconsistent"
            with _reading():
                lines = [*self._lines("/v1/tax/calculations", answer, f"data.{BREAKDOWN}")]
                found = answer_of(question, answer, lines)
            outcome = "answered"
            return found
        except Unavailable as failed:
            outcome = "away" if failed.code == AWAY else outcome
            raise
        except Invalid:
            outcome = "refused"
            raise
        finally:
            TAX_ASKED.labels(outcome).inc()

    def commit(self, calculation: str, reference: str, key: str) -> Recorded:
        asked = {"calculation": calculation, "reference": reference, "expand[]": "line_items"}
        crash_point("before_tax_commit")
        recorded = self._record("commit", "create_from_calculation", [*asked.items()], reference, key)
        crash_point("after_tax_commit")
        return recorded

    def reverse(self, recorded: Recorded, parts: list[Part], reference: str, key: str) -> Recorded:
        asked = [("mode", "partial"), ("original_transaction", recorded.transaction), ("reference", reference)]
        with _reading():
            asked += _reversed(recorded, parts, reference)
        crash_point("before_tax_reverse")
        again = self._record("reverse", "create_reversal", asked, reference, key)
        crash_point("after_tax_reverse")
        return again

    def _record(self, what: str, path: str, asked: Sequence[tuple[str, str]], reference: str, key: str) -> Recorded:
        try:
            answer = self._call(what, f"/v1/tax/transactions/{path}", asked, key)
        except _Recorded:
            log.error("Stripe Tax has recorded %s, and what it calls it is lost", reference)
            return Recorded(transaction="", lines={})
        with _reading():
            if answer["reference"] != reference:
                raise ValueError("it has another reference")
            lines = {str(line["reference"]): str(line["id"]) for line in self._lines("/v1/tax/transactions", answer)}
            return Recorded(transaction=str(answer["id"]), lines=lines)

    def _lines(self, path: str, answer: Any, expand: str = "") -> Iterator[Any]:
        """All lines of an answer, which has the first ones only."""
        page = answer["line_items"] or {"data": [], "has_more": False}
        yield from page["data"]
        for _ in range(MAX_PAGES):
            if not page["has_more"]:
                return
            query = {"limit": "100", "starting_after": page["data"][-1]["id"]} | (
                {"expand[]": expand} if expand else {}
            )
            page = self._call("list lines", f"{path}/{answer['id']}/line_items?{urlencode(query)}")
            yield from page["data"]
        raise ValueError("its lines never end")

    def _call(self, what: str, path: str, asked: Sequence[tuple[str, str]] | None = None, key: str = "") -> Any:
        """Make a call. Raises Unavailable(tax_unavailable), Unclear, Invalid(tax_place_unknown), _Recorded."""
        headers = {"Authorization": f"Bearer {self._key}", "Stripe-Version": VERSION}
        headers |= {"Idempotency-Key": key} if key else {}
        body = urlencode(asked).encode() if asked is not None else None
        request = Request(self._url + path, body, headers)  # noqa: S310 — a setting, which begins with http
        try:
            about, until = {"quartet.module": "orders"}, time.monotonic() + TIMEOUT
            with (
                tracing.span(f"Stripe Tax {what}", "client", about),
                leave_place(),
                urlopen(request, timeout=TIMEOUT) as response,  # noqa: S310
            ):
                return json.loads(read_until(response, MAX_ANSWER, until))
        except HTTPError as error:
            raise _refusal(what, error) from None
        except (OSError, HTTPException, ValueError) as error:
            log.warning("Stripe Tax gives no answer to %s: %s", what, type(error).__name__)
            raise _away() from None


class _Recorded(Exception):
    """What has this reference was recorded before."""


def _away(kind: type[Unavailable] = Unavailable) -> Unavailable:
    away = Unavailable("tax_unavailable", "the tax cannot be computed now: try again in a moment", {"retry_after": 5})
    return kind(away.code, away.sentence, away.more)


def _refusal(what: str, error: HTTPError) -> Exception:
    """What a refused call means. Its code is logged; its message may repeat what was sent."""
    try:
        code = str(json.loads(error.read(MAX_ANSWER))["error"].get("code"))
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError):
        code = "none"
    if code == "customer_tax_location_invalid":
        return Invalid("tax_place_unknown", "the tax of this address cannot be computed: correct region or postal code")
    if code == "resource_already_exists":
        return _Recorded()
    hint = ": check STRIPE_TAX_KEY" if error.code in {401, 403} else ""
    level = logging.WARNING if error.code >= 500 or error.code in {409, 429} else logging.ERROR
    log.log(level, "Stripe Tax refuses %s with %s (%s)%s", what, error.code, code, hint)
    is_stored = error.code >= 500 and error.headers.get("Idempotent-Replayed") == "true"
    return _away(Unclear if is_stored else Unavailable)


class _reading:  # noqa: N801 — a context manager
    """Turns what cannot be read in an answer into a refusal."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, ValueError | KeyError | TypeError | AttributeError | IndexError | ArithmeticError):
            log.error("an answer of Stripe Tax is wrong: %s", error)
            raise inconsistent() from None


def _calculation(question: TaxQuestion) -> list[tuple[str, str]]:
    place, behavior = question.place, "inclusive" if question.included else "exclusive"
    asked = [("currency", question.currency.lower()), ("expand[]", f"line_items.data.{BREAKDOWN}")]
    address = {"country": place.country, "state": place.region, "postal_code": place.postal_code}
    asked += [(f"customer_details[address][{name}]", text) for name, text in address.items() if text]
    asked.append(("customer_details[address_source]", "shipping"))
    buyer = question.buyer
    if question.is_exempt:
        asked.append(("customer_details[taxability_override]", "customer_exempt"))
    elif buyer and buyer.state is NumberState.VALID:  # Stripe does not verify it
        country = "EL" if buyer.country == "GR" else buyer.country
        asked.append(("customer_details[tax_ids][0][type]", "eu_vat"))
        asked.append(("customer_details[tax_ids][0][value]", country + buyer.number))
    for i, line in enumerate(question.lines):
        about = {"amount": str(line.amount), "tax_behavior": behavior, **_code(line)}
        if line.target == SHIPPING:
            asked += [(f"shipping_cost[{name}]", text) for name, text in about.items()]
            asked.append(("expand[]", f"shipping_cost.{BREAKDOWN}"))
        else:
            about |= {"reference": line.target, "quantity": str(line.quantity)}
            asked += [(f"line_items[{i}][{name}]", text) for name, text in about.items()]
    return asked


def _code(line: AskedLine) -> Mapping[str, str]:
    """A category named as a tax code of Stripe, with a dash; without one Stripe takes the default of its account."""
    return {"tax_code": line.category.replace("-", "_")} if TAX_CODE.fullmatch(line.category) else {}


def _reversed(recorded: Recorded, parts: list[Part], reference: str) -> list[tuple[str, str]]:
    asked = []
    for i, part in enumerate(parts):
        about = {"amount": str(-part.amount), "amount_tax": str(-part.tax)}
        name = "shipping_cost"
        if part.target != SHIPPING:
            name = f"line_items[{i}]"
            about |= {"original_line_item": recorded.lines[part.target], "reference": f"{reference}-{i}"}
        asked += [(f"{name}[{field}]", text) for field, text in about.items()]
    return asked
