"""Add or change a promotion, or add codes of it. The trail has who did it and why."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from app.kernel.errors import Conflict
from app.kernel.expected import Expected
from app.modules.orders.domain.promotions.codes import folded, made, shown
from app.modules.orders.domain.promotions.promotion import Promotion, Rule, refuse_bad_promotion
from app.modules.orders.ports import UnitOfWork

OF_RULE = {field.name for field in fields(Rule)}


def add_promotion(uow: UnitOfWork, new: Mapping[str, Any], who: str, why: str) -> Promotion:
    """Raises Conflict(promotion_exists, amount_missing, too_many_promotions), Invalid(bad_promotion)."""
    rule = {name: value for name, value in new.items() if name in OF_RULE}
    own = {name: value for name, value in new.items() if name not in OF_RULE}
    promotion = Promotion(**own, rule=_rule(Rule(), rule))
    refuse_bad_promotion(promotion)
    uow.trail.record(who, "add promotion", promotion.id, why)
    return uow.promotions.save(promotion)


def change_promotion(
    uow: UnitOfWork, id: str, changes: Mapping[str, Any], expected: Expected, who: str, why: str
) -> Promotion:
    """Change a promotion. Whoever places an order meanwhile gets what it was or price_changed; placed orders keep what
    they got.

    Raises NotFound(no_such_promotion), PreconditionFailed(stale_version), Conflict(amount_missing, limit_is_fixed,
    limit_below_used, too_many_promotions), Invalid(bad_promotion), Stale.
    """
    promotion = uow.promotions.get(id)
    expected.check(promotion.version)
    own = {name: value for name, value in changes.items() if name not in OF_RULE}
    rule = _rule(promotion.rule, {name: value for name, value in changes.items() if name in OF_RULE})
    changed = replace(promotion, **own, rule=rule)
    refuse_bad_promotion(changed)
    for name in ("total_limit", "per_customer_limit"):
        if (getattr(promotion, name) is None) != (getattr(changed, name) is None):
            sentence = f"{name} can be neither added nor removed, as uses so far are not counted: add another promotion"
            raise Conflict("limit_is_fixed", sentence)
    if changed == promotion:
        return promotion
    uow.trail.record(who, "change promotion", id, why)
    return uow.promotions.save(changed)


def add_coupons(
    uow: UnitOfWork, promotion_id: str, wanted: int | Sequence[str], use_limit: int | None, who: str, why: str
) -> Sequence[str]:
    """Add so many new codes, or these. Returns them.

    Raises NotFound(no_such_promotion), Conflict(promotion_is_automatic, code_exists, too_many_coupons),
    Invalid(bad_code).
    """
    if uow.promotions.get(promotion_id).automatic:
        raise Conflict("promotion_is_automatic", f"{promotion_id} needs no code: add another promotion for codes")
    codes = made(wanted) if isinstance(wanted, int) else [shown(code) for code in wanted]
    if len(set(map(folded, codes))) < len(codes):
        raise Conflict("code_exists", "two of these codes are the same, or look alike")
    uow.trail.record(who, "add coupons", promotion_id, why)
    uow.promotions.add_coupons(promotion_id, codes, use_limit)
    return codes


def _rule(before: Rule, changes: Mapping[str, Any]) -> Rule:
    if "ship_to" in changes:
        changes = {**changes, "ship_to": tuple(sorted(set(changes["ship_to"])))}
    return replace(before, **changes)
