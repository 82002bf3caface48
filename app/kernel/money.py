"""Money in the currency's smallest unit. No floats, no mixing of currencies."""

from dataclasses import dataclass

from app.kernel.errors import Invalid

LARGEST = 10**12  # of the smallest unit; keeps sums well inside 64 bits
DECIMALS = dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0) | dict.fromkeys(
    ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3
)  # ISO 4217; all others have two


@dataclass(frozen=True, order=False)
class Money:
    """An amount in the smallest unit (1999 EUR is 19.99 euros); never negative beyond LARGEST."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise Invalid("bad_amount", f"an amount is a whole number of the smallest unit, not {self.amount!r}")
        if abs(self.amount) > LARGEST:
            raise Invalid("bad_amount", f"an amount is at most {LARGEST}")
        if not (
            len(self.currency) == 3 and self.currency.isascii() and self.currency.isalpha() and self.currency.isupper()
        ):
            raise Invalid("bad_currency", f"a currency is three capital letters, not {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        if type(times) is not int:
            raise Invalid("bad_quantity", f"money is multiplied by whole numbers, not by {times!r}")
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
            raise Invalid("mixed_currencies", f"{self.currency} and {other.currency} do not add up")
        return other
