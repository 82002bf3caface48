"""The codes of coupons in a request. Guessing them is limited, in whatever request they come."""

from collections.abc import Sequence

from flask import g

from app.modules.orders.domain.promotions.codes import distinct
from app.web.limits import address, hit


def hit_codes(given: Sequence[str] | None) -> tuple[str, ...] | None:
    """The codes as they are shown, each counted as one try; None if none were sent. Those of a cart were counted
    before. Raises Invalid(bad_code, too_many_codes), TooMany.
    """
    if given is None:
        return None
    codes = distinct(given)
    if codes:
        hit("coupon", g.setdefault("caller", address()), cost=len(codes))
    return codes
