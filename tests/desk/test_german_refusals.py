"""What is refused, and what the other modules report, at a German desk: in German, with the values of the English."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.docs.refusals import refusals
from app.desk.language import GERMAN
from app.modules.orders.domain.promotions.candidate import Reason as Why
from app.modules.orders.domain.tax.report import Side
from app.modules.orders.domain.tax.rules import Reason
from app.modules.orders.use_cases.orders import list_stuck
from app.modules.payments.domain.payment import Status
from app.modules.payments.domain.refund import RefundStatus
from app.web.problems import CODES
from tests.conftest import ROOT
from tests.desk.steps import Desk, known_ids, text_of
from tests.desk.test_pages import PAGES

GERMANS = {"Accept-Language": "de"}
OF_BUYERS = {
    *("account_gone", "bad_tax_number", "card_declined", "cart_full", "cart_locked", "coupon_used_up", "email_needed"),
    *("email_taken", "no_such_address", "no_such_tax_number", "offer_not_known_yet", "payment_closed"),
    *("payment_in_progress", "payment_not_ready", "price_changed", "quote_needed", "session_unknown", "tax_is_off"),
    *("tax_number_exists", "too_many_addresses", "too_many_codes", "too_many_declines", "too_many_open_orders"),
    *("too_many_orders", "too_many_tax_numbers", "too_many_units_held", "unknown_code", "unknown_payment_method"),
    *("weak_password", "wrong_password", "refresh_refused", "session_over"),
}
OF_CLIENTS = {  # of the API, of Stripe, and of jobs; whoever has no session at the desk is asked to sign in
    *("amount_not_payable", "bad_attribute", "bad_signature", "bad_token", "bad_webhook", "bus_unreachable"),
    *("coding_unknown", "idempotency_key_missing", "idempotency_key_reused", "invalid_request", "length_required"),
    *("no_such_intent", "no_such_refund", "no_such_replay", "no_such_reservation", "no_transport", "not_a_projection"),
    *("not_our_payment", "not_signed_in", "other_amount", "other_site", "precondition_required", "reason_needed"),
    *("stripe_unavailable", "tax_verifier_unavailable", "token_expired", "token_revoked", "too_many_events"),
    *("unknown_role", "unknown_type", "unsupported_media_type", "use_operations"),
}


def refused_by(folder: Path) -> Iterator[tuple[str, str]]:
    """The code and the sentence of each refusal in the source of a module, or of what all modules share."""
    for path in folder.rglob("*.py"):
        if folder.name != "app" or "modules" not in path.parts:
            yield from ((code, sentence) for _, code, sentence in refusals(path))
    if folder.name == "app":
        yield from ((code, sentence) for code, (_, sentence) in CODES.items())


@pytest.mark.parametrize("module", ["app", "catalog", "orders", "payments", "users"])
def test_each_refusal_that_the_desk_can_show_has_its_german(module: str) -> None:
    folder = ROOT / "app" if module == "app" else ROOT / "app/modules" / module
    shared, own = ROOT / "app/desk/templates/desk", folder / f"desk/templates/{module}"
    files = [each / "german.txt" for each in ((shared,) if module == "app" else (shared, own))]
    here = {line.partition(" = ")[0] for each in files for line in each.read_text("utf-8").splitlines()}
    missing, silent = set(), set()
    for code, sentence in refused_by(folder):
        if code in OF_BUYERS | OF_CLIENTS or sentence.replace("…", "#") in here:
            continue
        if code not in here:
            missing.add(code)
        elif "…" in sentence and not GERMAN[code].endswith("…"):
            silent.add(code)

    assert missing == set(), f"add `code = German sentence` to {files[-1].relative_to(ROOT)}"
    assert silent == set(), "end its German with … so that the values of its English sentence are shown behind it"


def test_each_code_that_a_page_shows_has_its_german() -> None:
    codes = [*Why, *Reason, *Side, *Status, *RefundStatus, "cancelled_by_customer", "deadline_passed", "hold_ended"]
    sentences = [each for both in list_stuck.WAITS_FOR.values() for each in both] + [list_stuck.REFUND_AGAIN]
    source = "".join(path.read_text("utf-8") for path in (ROOT / "app").rglob("*.py"))
    acts = re.findall(r'(?:trail|operations)\.record\((?:connection, )?[^"()]*(?:\(\))?, "([a-z .]+)"', source)

    assert len(set(acts)) > 20
    assert [each for each in codes if each.replace("_", " ") not in GERMAN] == []
    assert [each for each in (*sentences, *acts) if each not in GERMAN] == []


ENGLISH = re.compile(r"\b(the|of|to|is|it|its|this|and|for|not|with|by|that|has|are|from|until|there)\b", re.IGNORECASE)
READ = re.compile(r'>([^<]+)<|(?:aria-label|title|alt|placeholder)="([^"]+)"')
WRITTEN = ("we ship there", "Unreadable: ")  # by people, and by exceptions


def test_no_page_of_a_german_desk_has_english(desk: Desk) -> None:
    known = known_ids(desk)
    for path in PAGES:
        html = desk.browser("admin").get(path.format(**known), **GERMANS).text
        html = re.sub(r'<(\w+) lang="en".*?</\1>', "", html, flags=re.DOTALL)
        read = [" ".join("".join(each).split()) for each in READ.findall(html)]

        assert [each for each in read if ENGLISH.search(each) and not any(by in each for by in WRITTEN)] == [], path


def test_a_refusal_is_in_german_with_what_only_the_english_says(desk: Desk) -> None:
    staff, here, pay = desk.browser("staff"), f"/desk/orders/{desk.paid}", f"/desk/payments/{desk.payment()}"
    refund = {**staff.page(pay).form(f"{pay}/refund"), "reason": "broken"}
    nothing = staff.post(f"{here}/pack", staff.page(here).form(f"{here}/pack") | {"unit:MUG": "0"}, **GERMANS)
    too_much = staff.post(f"{pay}/refund", {**refund, "amount": "5000"}, **GERMANS)
    unclear = staff.post(f"{pay}/refund", {**refund, "amount": "a lot"}, **GERMANS)
    english = staff.post(f"{pay}/refund", {**refund, "amount": "5000"})
    too_long = staff.post(f"{pay}/refund", {**refund, "amount": "5000", "reason": "x" * 600}, **GERMANS)
    gone = staff.get("/desk/orders/promotions/none", **GERMANS)

    assert "Nichts wurde geändert. Wählen Sie mindestens ein Stück zum Packen." in text_of(nothing.text)
    assert "Höchstens 18,00 EUR lassen sich noch erstatten." in text_of(too_much.text)
    assert 'Dieser Betrag geht so nicht:</bdi> <bdi lang="en">write an amount of EUR as 12.50</bdi>' in unclear.text
    assert '<bdi lang="en">at most 18.00 EUR can still be refunded</bdi>' in english.text
    assert "Korrigieren Sie diese Felder: Grund: Höchstens 500 Zeichen." in text_of(too_long.text)
    assert 'Diese Aktion gibt es nicht:</bdi> <bdi lang="en">there is no promotion none</bdi>' in gone.text
