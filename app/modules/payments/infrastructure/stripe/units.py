"""Amounts in Stripe's unit, which is not always the currency's smallest: https://docs.stripe.com/currencies.

ISK and UGX have no decimals by ISO 4217, and are sent with two; MGA has two, and is sent without.
"""

from app.kernel.errors import Invalid
from app.kernel.money import DECIMALS, Money

_NONE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_TWO = """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF
CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
INR ISK JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN
NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD
STD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD YER ZAR ZMW"""
_THREE = "BHD JOD KWD OMR TND"  # the last one must be a zero
UNITS = dict.fromkeys(_NONE.split(), 0) | dict.fromkeys(_TWO.split(), 2) | dict.fromkeys(_THREE.split(), 3)


def to_stripe(money: Money) -> int:
    """Convert an amount to Stripe's unit. Raises Invalid(amount_not_payable) if it cannot be expressed in it."""
    scale = _scale(money.currency)
    amount, rest = divmod(money.amount * max(scale, 1), 1 if scale > 0 else -scale)
    if rest:
        raise Invalid("amount_not_payable", f"Stripe accepts no fraction of one {money.currency}, as {money} has")
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """Convert an amount of Stripe; `currency` is in lower case, as Stripe writes it. Raises
    Invalid(amount_not_payable).
    """
    scale = _scale(code := currency.upper())
    ours, rest = (amount * -scale, 0) if scale < 0 else divmod(amount, scale)
    if rest:
        raise Invalid("amount_not_payable", f"Stripe returned {amount} {code}, which is no whole number of our units")
    return Money(ours, code)


def _scale(code: str) -> int:
    """Return how many units of Stripe are one unit of ours; if negative, how many of ours are one of Stripe's."""
    if code not in UNITS:
        raise Invalid("amount_not_payable", f"Stripe does not accept payments in {code}")
    power: int = UNITS[code] - DECIMALS.get(code, 2)
    return -(10**-power) if power < 0 else int(10**power)
