"""Switch one code of a promotion off, or on again. The trail has who did it and why."""

from dataclasses import replace

from app.modules.orders.domain.promotions.codes import shown
from app.modules.orders.domain.promotions.stored import Coupon
from app.modules.orders.ports import UnitOfWork


def switch_coupon(uow: UnitOfWork, promotion_id: str, code: str, active: bool, who: str, why: str) -> Coupon:
    """Switch one code off, so that it gives nothing to orders from now on, or on again. An order that is being placed
    at that moment may still get it, and placed orders keep what they got.

    Raises NotFound(no_such_promotion, no_such_coupon), Invalid(bad_code).
    """
    uow.promotions.get(promotion_id)
    coupon = uow.promotions.coupon(promotion_id, shown(code))
    if not uow.promotions.switch_coupon(promotion_id, coupon.code, active):
        return coupon
    uow.trail.record(who, f"switch coupon {'on' if active else 'off'}", f"{promotion_id} {coupon.code}", why)
    return replace(coupon, active=active)
