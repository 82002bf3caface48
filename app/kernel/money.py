"""Money in the currency's smallest unit. There are no floats, and currencies are never mixed."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import Invalid

MAX_AMOUNT = 10**12  # in the smallest unit; sums stay well inside 64 bits
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
DECIMALS = dict.fromkeys(NO_DECIMALS.split(), 0) | dict.fromkeys(
    ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3
)  # ISO 4217, list one; all others here have two


@dataclass(frozen=True, order=False)
class Money:
    """An amount in the smallest unit (1999 EUR is 19.99 euros), from -MAX_AMOUNT to MAX_AMOUNT.

    Raises Invalid: bad_amount, bad_currency, bad_quantity (multiplied by a fraction), mixed_currencies.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise Invalid("bad_amount", f"an amount is a whole number of the smallest unit, not {self.amount!r}")
        if abs(self.amount) > MAX_AMOUNT:
            raise Invalid("bad_amount", f"an amount is at most {MAX_AMOUNT}")
        if not (
            len(self.currency) == 3 and self.currency.isascii() and self.currency.isalpha() and self.currency.isupper()
        ):
            raise Invalid("bad_currency", f"a currency is a code of three capital letters, not {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        if type(times) is not int:
            raise Invalid("bad_quantity", f"an amount can be multiplied by whole numbers only, not by {times!r}")
        return Money(self.amount * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other).amount

    def __str__(self) -> str:
        decimals = DECIMALS.get(self.currency, 2)
        sign, digits = "-" * (self.amount < 0), f"{abs(self.amount):0{decimals + 1}d}"
        whole, part = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
        return f"{sign}{whole}{'.' * bool(part)}{part} {self.currency}"

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise Invalid(
                "mixed_currencies", f"amounts in {self.currency} and {other.currency} cannot be added or compared"
            )
        return other


@dataclass(frozen=True)
class Charge:
    """The amounts that can be charged in a currency, in its smallest unit: multiples of `step` within the limits."""

    step: int = 1
    minimum: int = 1
    maximum: int = 99_999_999  # eight digits at Stripe; it takes twelve of IDR

    def takes(self, amount: int) -> bool:
        """Whether this amount can be charged."""
        return amount % self.step == 0 and self.minimum <= amount <= self.maximum


# https://docs.stripe.com/currencies; payments has the format in which amounts are sent, and a test compares the two
_CODES = """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF
CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR
ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR
MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD
STD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"""
_MINIMUM = dict.fromkeys(("AUD", "BRL", "CAD", "CHF", "EUR", "INR", "JPY", "NZD", "SGD", "USD"), 50) | {
    "AED": 200,
    "BGN": 100,
    "CZK": 1500,
    "DKK": 250,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "THB": 1000,
}
CHARGES: Mapping[str, Charge] = (
    dict.fromkeys(_CODES.split(), Charge())
    | {code: Charge(minimum=minimum) for code, minimum in _MINIMUM.items()}
    | dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), Charge(step=10, minimum=10, maximum=99_999_990))
    | dict.fromkeys(("ISK", "UGX"), Charge(maximum=999_999))
    | {"MGA": Charge(step=100, minimum=100, maximum=9_999_999_900), "IDR": Charge(maximum=999_999_999_999)}
)
