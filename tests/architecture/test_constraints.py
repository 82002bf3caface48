"""Every constraint of every database has a refusal, or a reason why no request and no event can violate it."""

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, MetaData, PrimaryKeyConstraint, UniqueConstraint

from app.modules.catalog.infrastructure.tables import metadata as catalog
from app.modules.orders.infrastructure.tables import metadata as orders
from app.modules.payments.infrastructure.tables import metadata as payments
from app.modules.users.infrastructure.tables import metadata as users
from tests.conftest import ROOT

METADATA = {"catalog": catalog, "orders": orders, "payments": payments, "users": users}
OURS = "ids are made here, one a row"
ABSENT = "inserted only where it is absent; else the row that is there counts"
HELD = "the row that it refers to is locked first, or made in the same transaction"
GUARDED = "the UPDATE asks for it in its WHERE, or the domain before, over the version that was read"
REFUSED = {  # the codes that are answered; tests/races runs into each
    "catalog": {
        "categories key slug": "category_exists",
        "categories.parent": "category_in_use",
        "products.category": "category_in_use",
        "products unique external_reference": "external_reference_taken",
        "products unique slug": "slug_taken",
        "variants key sku": "sku_taken",
        "variants unique external_reference": "external_reference_taken",
        "variants unique folded_sku": "sku_taken",
    },
    "orders": {
        "orders unique cart_id": "cart_locked",
        "order_records unique external_reference": "external_reference_taken",
        "coupons key code": "code_exists",
        "promotions check promotion_within_its_limit": "limit_below_used",
        "promotions key id": "promotion_exists",
        "shipping_methods key code": "shipping_method_exists",
        "tax_categories key slug": "tax_category_exists",
        "zones key id": "zone_exists",
    },
    "users": {
        "users unique email": "email_taken",
        "users unique external_reference": "external_reference_taken",
    },
    "payments": {},
}
NEVER = {
    "catalog": {
        "dispatches key shipment_id, sku": ABSENT,
        "holds key order_id, sku": HELD,
        "listings key product_id": "written where it is absent, else changed",
        "movements key id": OURS,
        "products key id": OURS,
        "reservations key order_id": HELD,
        "stock key sku": ABSENT,
        "stock.sku": HELD,
        "stock check held_is_on_hand": GUARDED,
        "variants.product_id": HELD,
    },
    "orders": {
        "carts key id": OURS,
        "carts unique customer_id": ABSENT,
        "carts unique order_id": OURS,
        "carts unique token_hash": OURS,
        "orders unique number": "the database assigns it: a sequence, or on SQLite the only writer",
        "coupons check coupon_within_its_limit": GUARDED,
        "discounts check a_discount_is_of_its_base": "the price of a basket has no other",
        "discounts key order_id, promotion_id, target": "one a line and promotion, and its order is new",
        "redemptions key order_id, promotion_id": "an order takes a promotion once, and its id is new",
        "uses check uses_are_counted": GUARDED,
        "uses key promotion_id, customer_id": "inserted where it is absent, else counted up",
        "offers key sku": ABSENT,
        "order_checks key audit, order_id, module": OURS,
        "orders key id": OURS,
        "settings_edition key id": "the migration inserts its only row",
        "order_addresses key order_id, kind": "replaced as a whole by who changes the order, over its version",
        "documents key order_id, n": "who requests one has saved the order over its version",
        "documents unique series, number": "the row of the series is locked from the number to the commit",
        "documents check an_issued_document_has_a_content": "both are written by one statement",
        "document_series key name": "inserted where it is absent",
        "order_contacts key order_id": "written where it is absent, else changed",
        "order_records key order_id": ABSENT,
        "order_lines key order_id, sku": "a basket has each sku once, and its order's id is new",
        "order_lines check no_unit_is_packed_twice": GUARDED,
        "order_lines check units_leave_in_order": GUARDED,
        "order_lines check no_unit_is_refunded_twice": GUARDED,
        "unit_refunds key id": OURS,
        "unit_refund_lines key refund_id, sku": "a refund's lines are by sku, and its id is new",
        "unit_refund_lines check a_refund_has_units": "no request may ask for fewer than one",
        "shipments key id": OURS,
        "shipment_lines key shipment_id, sku": "a shipment's lines are by sku, and its id is new",
        "shipment_lines check a_shipment_has_units": "no request may ask for fewer than one",
        "shipping_methods.zone_id": "zones are never deleted",
        "shipping_rates key method, currency, from_": GUARDED,
        "shipping_rates.method": HELD,
        "shipping_rates check a_band_has_a_width": GUARDED,
        "stock_levels key sku": ABSENT,
        "buyer_tax_ids key id": OURS,
        "order_tax_ids key order_id": "written once with its order, whose id is new",
        "tax_exemptions key customer_id": "it is inserted, or its reason replaced, in one statement",
        "tax_lines check tax_is_not_negative": "no amount of an order is negative, and no rate",
        "tax_lines key order_id, target, n": "written once with its order, whose id is new",
        "tax_quotes key fingerprint": "it is inserted, or its answer replaced, in one statement",
        "tax_records check a_reversal_takes_more": "only what goes beyond what was reversed is",
        "tax_records key order_id, n": "each version of an order is changed once, and 0 is written with the order",
        "tax_refunds key order_id, n": "each version of an order is changed once",
        "tax_rates check a_rate_is_a_share": GUARDED,
        "tax_rates key id": OURS,
        "tax_rates.category": "nobody adds a rate while a category goes: both take the lock of these settings",
        "tax_registrations check a_registration_ends_after_it_begins": GUARDED,
        "tax_registrations key id": OURS,
        "timeline key id": OURS,
        "zone_areas key zone_id, n": "replaced as a whole, over the version of the zone that was read",
        "zone_areas.zone_id": HELD,
    },
    "users": {
        "addresses key id": OURS,
        "addresses.user_id": HELD,
        "refresh_tokens key fingerprint": OURS,
        "refresh_tokens.session_id": HELD,
        "sessions key id": OURS,
        "sessions.user_id": "accounts are never deleted",
        "signing_keys key kid": OURS,
        "users key id": OURS,
    },
    "payments": {
        "payments check captured_is_authorised": GUARDED,
        "payments check refunded_is_captured": GUARDED,
        "payments key id": OURS,
        "payments unique intent_id": "an intent is made for one payment, and names it",
        "payments unique order_id": "events of one order come one by one, and whoever is second is tried again",
        "refunds key id": OURS,
        "refunds.payment_id": "payments are never deleted",
        "webhooks key event_id": ABSENT,
    },
}


def constraints(metadata: MetaData) -> set[str]:
    """Every constraint, by table, kind and columns; foreign keys by their column alone."""
    found = set()
    for table in metadata.sorted_tables:
        for each in (*table.constraints, *table.indexes):
            columns = ", ".join(column.name for column in each.columns)
            if isinstance(each, PrimaryKeyConstraint):
                found.add(f"{table.name} key {columns}")
            elif isinstance(each, UniqueConstraint) or (isinstance(each, Index) and each.unique):
                found.add(f"{table.name} unique {columns}")
            elif isinstance(each, ForeignKeyConstraint):
                found.add(f"{table.name}.{columns}")
            elif isinstance(each, CheckConstraint):
                found.add(f"{table.name} check {each.name}")
    return found


@pytest.mark.parametrize("module", METADATA)
def test_every_constraint_is_refused_or_never_met(module: str) -> None:
    assert constraints(METADATA[module]) == REFUSED[module].keys() | NEVER[module].keys()


def test_the_refusals_are_told() -> None:
    reported = (ROOT / "docs/errors.md").read_text()

    for code in {code for codes in REFUSED.values() for code in codes.values()}:
        assert f'id="{code}"' in reported
