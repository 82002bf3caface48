"""What Stripe accepts in each currency: https://docs.stripe.com/currencies. Amounts are in Stripe's unit."""

from .refusals import Refused, invalid

CODES = (
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf "
    "chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg "
    "huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk "
    "mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub "
    "rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd "
    "vuv wst xaf xcd xof xpf yer zar zmw"
)
TAKEN = frozenset(CODES.split())
WHOLE_ONLY = frozenset({"isk", "ugx"})  # sent with two decimals, which must be zero
LAST_DIGIT_ZERO = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})  # three decimals, the last of which must be zero
MINIMUM = dict.fromkeys(("aud", "brl", "cad", "chf", "eur", "inr", "jpy", "nzd", "sgd", "usd"), 50) | {
    "aed": 200,
    "bgn": 100,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}
MAXIMUM, MAXIMUM_OF_RUPIAH = 99_999_999, 999_999_999_999  # eight digits, and twelve of rupiah


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raise Refused for an amount that a charge in this currency cannot have. `currency` is in lower case."""
    check_step(amount, currency, param)
    if amount < (minimum := MINIMUM.get(currency, 1)):
        message = f"Amount must be at least {minimum} {currency}, in the smallest unit."
        raise invalid(message, param=param, code="amount_too_small")
    maximum = MAXIMUM_OF_RUPIAH if currency == "idr" else MAXIMUM
    if amount > maximum:
        raise invalid(f"Amount must be no more than {maximum}.", param=param, code="amount_too_large")


def check_step(amount: int, currency: str, param: str = "amount") -> None:
    """Raise Refused for a fraction that the currency does not have. This applies to refunds and captures, too."""
    if currency not in TAKEN:
        message = (
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(sorted(TAKEN))}"
        )
        raise invalid(message, param="currency")
    step = 100 if currency in WHOLE_ONLY else 10 if currency in LAST_DIGIT_ZERO else 1
    if amount % step:
        message = f"Invalid amount. Amounts in {currency.upper()} must be evenly divisible by {step}."
        raise _uneven(message, param)


def _uneven(message: str, param: str) -> Refused:
    return invalid(message, param=param, code="parameter_invalid_integer")
