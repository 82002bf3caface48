"""Take the uses of promotions with an order, and decide what becomes of them with it."""

from collections.abc import Sequence

from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.modules.orders.domain.carts.quote import Quote
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.promotions.candidate import USED, Candidate
from app.modules.orders.domain.promotions.stored import Redemption
from app.modules.orders.ports import UnitOfWork


def refuse_other_total(quote: Quote, expected: Money) -> None:
    """Raises Conflict(price_changed), or Conflict(coupon_used_up) if that is because of a code."""
    total = quote.priced.totals.total
    if total == expected:
        return
    for each in quote.priced.codes:
        if each.reason in USED:
            raise _used_up(each.code, total)
    more = {"total": {"amount": total.amount, "currency": total.currency}}
    raise Conflict("price_changed", f"the total is now {total}: show it, and send it if they agree", more)


def redeem(uow: UnitOfWork, order: Order, quote: Quote) -> None:
    """Store what a new order got, and take one use of each promotion.

    Raises Conflict(coupon_used_up, price_changed) if another order has taken the last use since the quote.
    """
    got = {each.promotion_id: each.code for each in quote.priced.discounts}
    candidates = [
        each
        for each in quote.promotions.candidates
        if each.promotion.id in got and each.shown == got[each.promotion.id]
    ]
    if lacking := uow.promotions.take(order.id, order.customer_id, candidates):
        raise _lacking(lacking, order.totals.total)
    uow.promotions.keep(order.id, quote.priced.discounts)
    codes = sorted(each.shown for each in candidates if each.shown)
    detail = {"promotions": sorted(got), "codes": codes, "discount": order.totals.discount.amount}
    uow.timeline.record(order.id, "orders", "promotions_used", uow.now, detail)


def follow_order(uow: UnitOfWork, order: Order) -> None:
    """What becomes of the uses: returned when the order is cancelled, spent when it is paid. An order is refunded only
    while nothing of it was dispatched; the policy says what that means for its uses.
    """
    if not order.totals.discount.amount:
        return
    returned: Sequence[str] = ()
    if order.status in {Status.PAID, Status.REFUNDED}:
        uow.promotions.spend(order.id)
    if order.status is Status.CANCELLED:
        returned = uow.promotions.release(order.id)
    if order.status is Status.REFUNDED and uow.policies.uses_after_refund is Redemption.RETURNED:
        returned = uow.promotions.release(order.id, Redemption.SPENT)
    if returned:
        uow.timeline.record(order.id, "orders", "promotions_returned", uow.now, {"promotions": sorted(returned)})


def _lacking(candidate: Candidate, total: Money) -> Conflict:
    if candidate.shown:
        return _used_up(candidate.shown, total)
    sentence = f"{candidate.promotion.name} is used up: get a new quote, and send its total if they agree"
    return Conflict("price_changed", sentence)


def _used_up(code: str, total: Money) -> Conflict:
    more = {"coupon": code, "total": {"amount": total.amount, "currency": total.currency}}
    return Conflict("coupon_used_up", f"{code} is used up, or you have used it before: order without it", more)
