"""The settings of orders: its own database, and advice for wrong values."""

import pytest

from app.config.reading import SettingsError
from app.modules.orders.settings import OrdersSettings, orders_settings
from tests.production import PRODUCTION
from tests.settings import assert_a_database_of_its_own, assert_named_with_advice, shared


def read(variables: dict[str, str]) -> OrdersSettings:
    return orders_settings(shared(variables))


def test_its_database_is_its_own() -> None:
    assert_a_database_of_its_own("orders", read, PRODUCTION)


@pytest.mark.parametrize(
    ("name", "wrong", "advice"),
    [
        ("PAYMENT_WINDOW_SECONDS", "99999999999999", "give a whole number up to"),
        ("PAYMENT_WINDOW_SECONDS", "1e3", "give a whole number"),
        ("CAPTURE", "never", "give order or shipment"),
        ("AT_HOLD_END", "wait", "give capture or cancel"),
        ("USES_AFTER_REFUND", "lost", "give spent or returned"),
        ("TIMELINE_DAYS", "40000", "give a whole number up to 36500"),
        ("LIMIT_ORDERS", "many", "give one limit, of 1 or more, such as 100/minute"),
        ("LIMIT_UNITS", "1/day;2/hour", "give one limit, of 1 or more, such as 100/minute"),
        ("TAX", "on", "give off, internal or stripe"),
        ("PRICES", "both", "give net or gross"),
        ("HOME_COUNTRY", "Germany", "give the code of a country"),
        ("HOME_COUNTRY", "US-XX", "give the code of a country"),
        ("TAX_ROUNDING", "never", "give group or line"),
        ("EXPORT_PRICE", "gross", "give net or same"),
        ("STRIPE_TAX_URL", "http://example.com", "give an address that begins with https://"),
        ("TAX_WHEN_AWAY", "sell", "give refuse or internal"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(name: str, wrong: str, advice: str) -> None:
    assert_named_with_advice(read, name, wrong, advice)


@pytest.mark.parametrize(
    ("formerly", "name"),
    [
        ("ORDER_DEADLINE_SECONDS", "PAYMENT_WINDOW_SECONDS"),
        ("ORDER_DEADLINE_CAP_SECONDS", "MAX_PAYMENT_WINDOW_SECONDS"),
    ],
)
def test_a_setting_by_its_former_name_stops_the_start(formerly: str, name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{formerly} is now called {name}: rename it.$"):
        read({formerly: "60"})


def test_tax_needs_a_home() -> None:
    with pytest.raises(SettingsError, match=r"^HOME_COUNTRY is not set"):
        orders_settings(shared({"TAX": "internal"}))

    own = orders_settings(shared({"TAX": "internal", "HOME_COUNTRY": "US-TX"}))
    assert (own.tax, own.prices, own.home_country) == ("internal", "gross", ("US", "TX"))


def test_stripe_tax_needs_a_key() -> None:
    variables = {"TAX": "stripe", "HOME_COUNTRY": "DE"}
    with pytest.raises(SettingsError, match=r"^STRIPE_TAX_KEY is not set"):
        read(variables)
    with pytest.raises(SettingsError, match=r"^EXPORT_PRICE is net"):
        read({**variables, "STRIPE_TAX_KEY": "sk_test_secret", "EXPORT_PRICE": "net"})

    own = read({**variables, "STRIPE_TAX_KEY": "sk_test_secret"})
    assert own.stripe_tax_url == "https://api.stripe.com"
    assert "secret" not in repr(own)


def test_money_that_is_held_needs_an_end() -> None:
    with pytest.raises(SettingsError, match=r"^AT_HOLD_END is missing: .* set it to capture or cancel"):
        read({"CAPTURE": "shipment"})

    assert read({"CAPTURE": "shipment", "AT_HOLD_END": "cancel"}).at_hold_end == "cancel"
    assert read({}).capture == "order"
