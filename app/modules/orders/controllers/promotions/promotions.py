"""Routes for staff: promotions, their codes, and what a promotion would give."""

from dataclasses import dataclass
from typing import Any

from flask import Response, url_for
from flask.views import MethodView

from app.kernel.transaction import Transaction
from app.modules.orders.controllers.promotions import schemas, views
from app.modules.orders.controllers.promotions.views import coupon_view, promotion_view, tried_view
from app.modules.orders.controllers.schemas import delivery, requested
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.promotions.edit_promotion import add_coupons, add_promotion, change_promotion
from app.modules.orders.use_cases.promotions.switch_coupon import switch_coupon
from app.modules.orders.use_cases.promotions.try_promotion import try_promotion
from app.ops.caller import caller
from app.web.auth import staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.bodies import large_body
from app.web.etags import etag_of, expected, tagged
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.operation import ETAG, IDEMPOTENCY_KEY, IF_MATCH, LOCATION, operation
from app.web.paging import after, page


def promotions_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("promotions", "/promotions", "Promotions and coupons, for staff")
    blp.add("", Promotions, transaction, reading)
    blp.add("/<promotion_id>", OnePromotion, transaction, reading)
    blp.add("/<promotion_id>/coupons", Coupons, transaction, reading)
    blp.add("/<promotion_id>/coupons/<code>", OneCoupon, transaction)
    blp.add("/<promotion_id>/try", Try, reading)
    return blp


@dataclass(frozen=True)
class Promotions(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.ListPromotions(), location="query")
    @answers(200, views.PromotionPage)
    @operation("list_promotions", refusals={422: "bad_cursor"})
    def get(self, query: dict[str, Any]) -> Answer[views.PromotionPage]:
        """List the promotions, in force or not"""
        start, limit = after(query["cursor"], str) or [""], query["limit"]
        with self.reading() as uow:
            found = [promotion_view(each) for each in uow.promotions.after(start[0], limit + 1)]
        return page(found, limit, lambda each: [each.id], views.PromotionPage)

    @staff_only
    @large_body
    @arguments(schemas.NewPromotion())
    @answers(201, views.Promotion, ETAG | LOCATION)
    @operation(
        "create_promotion",
        IDEMPOTENCY_KEY,
        refusals={409: "amount_missing promotion_exists too_many_promotions", 422: "bad_promotion"},
    )
    def post(self, new: dict[str, Any]) -> Answer[views.Promotion]:
        """Create a promotion. The reason is recorded in the trail of operations"""
        why = new.pop("reason")
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:
                return same_answer(claim, lambda: promotion_view(uow.promotions.get(new["id"])))
            promotion = add_promotion(uow, new, caller(), why)
            answer = first_answer(uow.claims, claim, promotion_view(promotion))
        location = url_for("promotions.OnePromotion", promotion_id=promotion.id)
        headers = {"ETag": f'"{etag_of(promotion.version)}"', "Location": location}
        return Answer(headers=headers, encoded=answer.encoded)


@dataclass(frozen=True)
class OnePromotion(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.Promotion, ETAG)
    @operation("get_promotion", refusals={404: "no_such_promotion"})
    def get(self, promotion_id: str) -> Answer[views.Promotion] | Response:
        """Get a promotion"""
        with self.reading() as uow:
            promotion = uow.promotions.get(promotion_id)
        return tagged(promotion_view(promotion), promotion.version)

    @staff_only
    @large_body
    @arguments(schemas.ChangedPromotion())
    @answers(200, views.Promotion, ETAG)
    @operation(
        "update_promotion",
        IF_MATCH,
        refusals={
            404: "no_such_promotion",
            409: "amount_missing limit_below_used limit_is_fixed too_many_promotions",
            422: "bad_promotion",
        },
    )
    def patch(self, changes: dict[str, Any], promotion_id: str) -> Answer[views.Promotion] | Response:
        """Update, activate or end a promotion; none is deleted. The reason is recorded in the trail of operations"""
        why = changes.pop("reason")
        with self.transaction() as uow:
            promotion = change_promotion(uow, promotion_id, changes, expected(), caller(), why)
        return tagged(promotion_view(promotion), promotion.version)


@dataclass(frozen=True)
class Coupons(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.ListCoupons(), location="query")
    @answers(200, views.CouponPage)
    @operation("list_coupons", refusals={404: "no_such_promotion", 422: "bad_cursor"})
    def get(self, query: dict[str, Any], promotion_id: str) -> Answer[views.CouponPage]:
        """List the codes of a promotion, with the orders that use them"""
        start, limit = after(query["cursor"], str) or [""], query["limit"]
        with self.reading() as uow:
            uow.promotions.get(promotion_id)
            found = [coupon_view(each) for each in uow.promotions.coupons(promotion_id, start[0], limit + 1)]
        return page(found, limit, lambda each: [each.code], views.CouponPage)

    @staff_only
    @large_body
    @arguments(schemas.NewCoupons())
    @answers(201, views.MadeCoupons)
    @operation(
        "create_coupons",
        IDEMPOTENCY_KEY,
        refusals={
            404: "no_such_promotion",
            409: "code_exists promotion_is_automatic too_many_coupons",
            422: "bad_code",
        },
    )
    def post(self, new: dict[str, Any], promotion_id: str) -> Answer[views.MadeCoupons]:
        """Create codes of a promotion. The reason is recorded in the trail of operations"""
        wanted = new["count"] or new["codes"]
        count = wanted if isinstance(wanted, int) else len(wanted)
        view = views.MadeCoupons(promotion_id, count)
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:
                return same_answer(claim, lambda: view)
            add_coupons(uow, promotion_id, wanted, new["use_limit"], caller(), new["reason"])
            return first_answer(uow.claims, claim, view)


@dataclass(frozen=True)
class OneCoupon(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.ChangedCoupon())
    @answers(200, views.Coupon)
    @operation("update_coupon", refusals={404: "no_such_coupon no_such_promotion", 422: "bad_code"})
    def patch(self, changes: dict[str, Any], promotion_id: str, code: str) -> views.Coupon:
        """Switch one code of a promotion off, or on again. The reason is recorded in the trail of operations"""
        with self.transaction() as uow:
            coupon = switch_coupon(uow, promotion_id, code, changes["active"], caller(), changes["reason"])
        return coupon_view(coupon)


@dataclass(frozen=True)
class Try(MethodView):
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.TryPromotion())
    @answers(200, views.TriedPromotion)
    @operation(
        "try_promotion",
        refusals={
            404: "no_such_promotion",
            409: "offer_not_known_yet",
            422: "address_needed empty_order mixed_currencies not_on_sale not_shipped_there too_many total_not_payable "
            "total_too_large total_too_small unknown_shipping_method unknown_sku",
        },
    )
    def post(self, body: dict[str, Any], promotion_id: str) -> views.TriedPromotion:
        """Get what a promotion alone would give; it may be inactive or used up, and nothing is stored"""
        with self.reading() as uow:
            return tried_view(try_promotion(uow, promotion_id, requested(body["items"]), delivery(body), body["at"]))
