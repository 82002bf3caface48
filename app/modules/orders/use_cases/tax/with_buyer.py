"""Decide the tax with what is known of the buyer: the tax number, and whether staff have marked it as exempt."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.domain.tax.numbers import TaxNumber
from app.modules.orders.domain.tax.rules import EU, BuyerNumber, NumberState, TaxRules
from app.modules.orders.ports import UnitOfWork


def with_buyer(uow: UnitOfWork, rules: TaxRules, customer_id: UUID | None) -> TaxRules:
    """The rules with the customer's number of the place, a valid one first, where it matters: elsewhere in the EU."""
    if rules.policy.is_off or customer_id is None:
        return rules
    rules = replace(rules, is_exempt=uow.tax_exemptions.find(customer_id) is not None)
    place, home = rules.place.country, rules.policy.home.country
    if place == home or not {place, home} <= EU:
        return rules
    return replace(rules, buyer=_number_of(uow.tax_numbers.of(customer_id), rules.place))


def _number_of(own: Sequence[TaxNumber], place: Destination) -> BuyerNumber | None:
    there = [each for each in own if each.country == place.country]
    there.sort(key=lambda each: each.state is not NumberState.VALID)
    return there[0].as_buyers if there else None
