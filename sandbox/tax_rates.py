"""The few tax rates that the sandbox knows. Elsewhere the simulated account is not registered: `not_collecting`."""

from .refusals import Record

EU = {"AT": "20.0", "DE": "19.0", "FR": "20.0", "IT": "22.0", "NL": "21.0"}
REDUCED = {"AT": "10.0", "DE": "7.0", "FR": "5.5", "IT": "4.0", "NL": "9.0"}
BOOKS = "txcd_35010000"
US = {
    "TX": (("Texas", "state", "6.25"), ("Travis", "county", "2.0")),
    "NY": (("New York", "state", "4.0"), ("New York", "city", "4.5")),
}


def taxes_of(address: Record, code: str, override: str, *, is_business: bool) -> list[Record]:
    """Return a tax breakdown for each tax that applies, with a percentage and without amounts."""
    country, state = address["country"], address.get("state") or None
    if country in EU:
        rate = REDUCED[country] if code == BOOKS else EU[country]
        rated = "reduced_rated" if code == BOOKS else "standard_rated"
        found = [_tax(country, None, country, "country", rate, rated, "VAT", "vat")]
    elif country == "US" and state in US:
        found = [
            _tax(country, state, name, level, rate, "standard_rated", "Sales Tax", "sales_tax")
            for name, level, rate in US[state]
        ]
    else:
        return [_tax(country, state, country, "country", None, "not_collecting", "", "")]
    if override in ("customer_exempt", "reverse_charge"):
        return [_without(each, override) for each in found]
    return [_without(each, "reverse_charge") for each in found] if is_business and country in EU else found


def _without(tax: Record, reason: str) -> Record:
    return {**tax, "tax_rate_details": None, "taxability_reason": reason}


def _tax(
    country: str, state: str | None, name: str, level: str, rate: str | None, reason: str, shown: str, kind: str
) -> Record:
    details = {"display_name": shown, "percentage_decimal": rate, "tax_type": kind} if rate else None
    return {
        "amount": 0,
        "jurisdiction": {"country": country, "display_name": name, "level": level, "state": state},
        "sourcing": "destination",
        "tax_rate_details": details,
        "taxability_reason": reason,
        "taxable_amount": 0,
    }
