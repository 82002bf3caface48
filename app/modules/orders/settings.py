"""The settings of orders: database, payment window, limits on unpaid orders, invoices, and tax."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from limits import RateLimitItem

from app.config import addresses
from app.config import parsers as kinds
from app.config.production import guessable
from app.config.reading import SettingsError, setting
from app.config.settings import Settings
from app.kernel.countries import COUNTRIES, REGIONS


def invoice_time(raw: str) -> str:
    """off, paid or dispatched."""
    if raw not in {"off", "paid", "dispatched"}:
        raise ValueError("give off, paid or dispatched")
    return raw


def series(raw: str) -> str:
    """The name of a series of documents, which is a part of each number and of its address."""
    if not re.fullmatch("[A-Z][A-Z0-9]{0,19}", raw):
        raise ValueError("give 1 to 20 capital letters and digits, a letter first")
    return raw


def lines(raw: str) -> tuple[str, ...]:
    """Lines separated by semicolons."""
    return tuple(line.strip() for line in raw.split(";") if line.strip())


def engine(raw: str) -> str:
    """off, internal or stripe."""
    return _one_of(raw, "off", "internal", "stripe")


def when_away(raw: str) -> str:
    """refuse or internal."""
    return _one_of(raw, "refuse", "internal")


def prices(raw: str) -> str:
    """net or gross."""
    return _one_of(raw, "net", "gross")


def rounding(raw: str) -> str:
    """group or line."""
    return _one_of(raw, "group", "line")


def export_price(raw: str) -> str:
    """net or same."""
    return _one_of(raw, "net", "same")


def secure_url(raw: str) -> str:
    """https://…, or http:// on this machine."""
    if not raw.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ValueError("give an address that begins with https://")
    return raw


def home(raw: str) -> tuple[str, str]:
    """A country, with its region where that decides the tax: DE, US-TX; may be empty."""
    country, _, region = kinds.text(raw).partition("-")
    if country and (country not in COUNTRIES or (region and region not in REGIONS.get(country, ()))):
        raise ValueError("give the code of a country, such as DE, or with its region, such as US-TX")
    return country, region


def _one_of(raw: str, *choices: str) -> str:
    if raw not in choices:
        *others, last = choices
        raise ValueError(f"give {', '.join(others)} or {last}")
    return raw


def capture(raw: str) -> str:
    """order or shipment."""
    if raw not in {"order", "shipment"}:
        raise ValueError("give order or shipment")
    return raw


def at_hold_end(raw: str) -> str:
    """capture or cancel; may be empty."""
    if raw not in {"", "capture", "cancel"}:
        raise ValueError("give capture or cancel")
    return raw


def uses_after_refund(raw: str) -> str:
    """spent or returned."""
    return _one_of(raw, "spent", "returned")


@dataclass(frozen=True, kw_only=True)
class OrdersSettings:
    database: str | None = setting(
        "ORDERS_DATABASE_URL", addresses.database, None, "Database of orders (default: SQLite).", True
    )
    payment_window_seconds: int = setting(
        "PAYMENT_WINDOW_SECONDS",
        kinds.positive,
        "1800",
        "An unpaid order is cancelled this many seconds after its last activity.",
        formerly="ORDER_DEADLINE_SECONDS",
    )
    max_payment_window_seconds: int = setting(
        "MAX_PAYMENT_WINDOW_SECONDS",
        kinds.positive,
        "7200",
        "An unpaid order is cancelled at this age at the latest, whatever its activity.",
        formerly="ORDER_DEADLINE_CAP_SECONDS",
    )
    capture: str = setting(
        "CAPTURE",
        capture,
        "order",
        "When money is taken: order (once an order is confirmed), or shipment (when its first shipment is dispatched).",
    )
    at_hold_end: str = setting(
        "AT_HOLD_END",
        at_hold_end,
        "",
        "What happens to an order of which nothing was dispatched, 2 hours before the bank releases its money: capture "
        "or cancel. Required with CAPTURE=shipment.",
    )
    max_open_orders: int = setting(
        "MAX_OPEN_ORDERS", kinds.positive, "10", "The maximum number of unpaid orders of one customer."
    )
    max_held_units: int = setting(
        "MAX_HELD_UNITS", kinds.positive, "2000", "The maximum number of units in all unpaid orders of one customer."
    )
    limit_orders: RateLimitItem = setting(
        "LIMIT_ORDERS", kinds.limit, "200/hour", "Rate limit of orders placed per address."
    )
    limit_units: RateLimitItem = setting(
        "LIMIT_UNITS",
        kinds.limit,
        "5000/hour",
        "Rate limit of units ordered per address. It is also the maximum number of units of one order.",
    )

    limit_coupons: RateLimitItem = setting(
        "LIMIT_COUPONS", kinds.limit, "10/minute", "Rate limit of codes of coupons tried per caller."
    )
    uses_after_refund: str = setting(
        "USES_AFTER_REFUND",
        uses_after_refund,
        "spent",
        "The uses of promotions of a paid order that is cancelled or refunded in full before anything of it was "
        "dispatched: spent (they stay used), or returned.",
    )
    timeline_days: int = setting(
        "TIMELINE_DAYS",
        kinds.days,
        "0",
        "After how many days an entry of the timeline of a finished order is deleted; nudges and failed refunds stay. "
        "0: never.",
    )
    invoices: str = setting(
        "INVOICES",
        invoice_time,
        "off",
        "When invoices are issued: off, paid or dispatched. Credit notes follow the refunds of invoiced orders.",
    )
    invoice_series: str = setting(
        "INVOICE_SERIES", series, "INV", "The series that counts invoices; a new one begins at 1, such as INV2027."
    )
    credit_note_series: str = setting("CREDIT_NOTE_SERIES", series, "CN", "The series that counts credit notes.")
    seller_name: str = setting("SELLER_NAME", kinds.text, "", "Who sells; invoices need it.")
    seller_address: tuple[str, ...] = setting(
        "SELLER_ADDRESS", lines, "", "Address of the seller, its lines separated by semicolons; invoices need it."
    )
    seller_tax_number: str = setting("SELLER_TAX_NUMBER", kinds.text, "", "Tax number of the seller, for invoices.")

    tax: str = setting(
        "TAX",
        engine,
        "off",
        "off: orders have no tax. internal: it is computed from the rates that staff add. stripe: by Stripe Tax.",
    )
    stripe_tax_key: str = setting(
        "STRIPE_TAX_KEY", kinds.text, "", "The API key with which Stripe Tax is asked; needed with TAX=stripe.", True
    )
    stripe_tax_url: str = setting(
        "STRIPE_TAX_URL",
        secure_url,
        "https://api.stripe.com",
        "Where Stripe Tax is: another address for a sandbox or a mock.",
    )
    tax_when_away: str = setting(
        "TAX_WHEN_AWAY",
        when_away,
        "refuse",
        "While Stripe Tax gives no answer: refuse quotes, or compute the tax from the rates of staff (internal).",
    )
    limit_tax: RateLimitItem = setting(
        "LIMIT_TAX", kinds.limit, "30/minute", "Rate limit of questions to Stripe Tax per caller."
    )
    prices: str = setting("PRICES", prices, "gross", "Whether prices are without tax (net) or with it (gross).")
    home_country: tuple[str, str] = setting(
        "HOME_COUNTRY", home, "", "Where the shop is, such as DE or US-TX; needed with TAX."
    )
    tax_rounding: str = setting(
        "TAX_ROUNDING", rounding, "group", "Round tax once for all lines with the same rates (group), or each (line)."
    )
    export_price: str = setting(
        "EXPORT_PRICE",
        export_price,
        "same",
        "Gross prices where no tax is charged: without the tax of HOME_COUNTRY (net), or the same.",
    )
    tax_verifier_url: str = setting(
        "TAX_VERIFIER_URL",
        secure_url,
        "https://ec.europa.eu/taxation_customs/vies/rest-api",
        "The verifier of tax numbers of the EU: the REST interface of VIES.",
    )

    def unsafe(self) -> Iterator[str]:
        """The reasons why these settings are not safe for production."""
        return guessable(self)


def orders_settings(shared: Settings) -> OrdersSettings:
    """Read the settings of orders. Raises SettingsError for the first that is wrong or missing."""
    own = shared.own(OrdersSettings)
    if own.tax != "off" and not own.home_country[0]:
        raise SettingsError("HOME_COUNTRY is not set: with TAX, give the country in which the shop is, such as DE.")
    if own.tax == "stripe" and not own.stripe_tax_key:
        raise SettingsError("STRIPE_TAX_KEY is not set: TAX=stripe needs the API key of Stripe Tax.")
    if own.tax == "stripe" and own.export_price != "same":
        raise SettingsError("EXPORT_PRICE is net: TAX=stripe does not know the tax of HOME_COUNTRY; set it to same.")
    if own.invoices != "off" and not (own.seller_name and own.seller_address):
        raise SettingsError("SELLER_NAME or SELLER_ADDRESS is missing: set both, or set INVOICES=off.")
    if own.capture == "shipment" and not own.at_hold_end:
        raise SettingsError(
            "AT_HOLD_END is missing: CAPTURE=shipment needs it; set it to capture or cancel, which then happens to an "
            "order of which nothing was dispatched before the bank releases its money. What is lawful depends on where "
            "you sell."
        )
    return own
