"""Whatever staff can do through the API is at the desk, or is listed here with its reason."""

import re
from typing import Any

from app.web.auth import ROLES
from tests.desk.steps import Desk

AT_THE_DESK = {  # operation → the rule of the page or form that has it
    "cancel_order_as_staff": "/desk/orders/<uuid:order_id>/cancel",
    "create_category": "/desk/catalog/categories",
    "create_coupons": "/desk/orders/promotions/<promotion_id>/coupons",
    "create_product": "/desk/catalog/products",
    "create_promotion": "/desk/orders/promotions",
    "create_refund": "/desk/payments/<uuid:payment_id>/refund",
    "create_shipping_method": "/desk/orders/shipping/methods",
    "create_stock_movement": "/desk/catalog/receive/<sku:sku>",
    "create_tax_category": "/desk/orders/tax/categories",
    "create_tax_rate": "/desk/orders/tax/rates",
    "create_tax_registration": "/desk/orders/tax/registrations",
    "create_variant": "/desk/catalog/products/<uuid:product_id>/variants",
    "create_zone": "/desk/orders/shipping/zones",
    "delete_category": "/desk/catalog/categories/<slug>/remove",
    "delete_product": "/desk/catalog/products/<uuid:product_id>",
    "delete_tax_category": "/desk/orders/tax/categories/<slug>/remove",
    "delete_variant": "/desk/catalog/products/<uuid:product_id>/variants/<sku:sku>",
    "dispatch_shipment": "/desk/orders/<uuid:order_id>/shipments/<uuid:shipment_id>/dispatch",
    "explain_stock": "/desk/catalog/stock/<sku:sku>",
    "find_product_records": "/desk/catalog",
    "get_category": "/desk/catalog/categories/<slug>",
    "get_order_record": "/desk/orders/<uuid:order_id>",
    "get_promotion": "/desk/orders/promotions/<promotion_id>",
    "get_shipping_method": "/desk/orders/shipping/methods/<code>",
    "get_shipping_rates": "/desk/orders/shipping/methods/<code>",
    "get_tax_rate": "/desk/orders/tax/rates/<uuid:rate_id>",
    "get_tax_registration": "/desk/orders/tax/registrations/<uuid:registration_id>",
    "get_user": "/desk/users/<uuid:user_id>",
    "get_zone": "/desk/orders/shipping/zones/<zone_id>",
    "list_coupons": "/desk/orders/promotions/<promotion_id>/coupons",
    "list_documents": "/desk/orders/documents",
    "list_promotions": "/desk/orders/promotions",
    "list_refunds": "/desk/payments/<uuid:payment_id>",
    "list_shipping_methods": "/desk/orders/shipping",
    "list_stock_movements": "/desk/catalog/stock/<sku:sku>",
    "list_stuck_orders": "/desk/orders/stuck",
    "list_tax_categories": "/desk/orders/tax",
    "list_tax_rates": "/desk/orders/tax/rates",
    "list_tax_registrations": "/desk/orders/tax",
    "list_users": "/desk/users",
    "list_zones": "/desk/orders/shipping",
    "note_delivery": "/desk/orders/<uuid:order_id>/shipments/<uuid:shipment_id>/delivered",
    "note_loss": "/desk/orders/<uuid:order_id>/shipments/<uuid:shipment_id>/lost",
    "nudge_order": "/desk/orders/<uuid:order_id>/nudge",
    "pack_shipment": "/desk/orders/<uuid:order_id>/pack",
    "refund_units": "/desk/orders/<uuid:order_id>/refund-units",
    "replace_shipping_rates": "/desk/orders/shipping/methods/<code>/rates",
    "end_tax_exemption": "/desk/orders/tax/exemptions/<uuid:customer_id>/end",
    "exempt_customer_from_tax": "/desk/orders/tax/exemptions",
    "list_tax_exemptions": "/desk/orders/tax/exemptions",
    "report_tax": "/desk/orders/tax/report",
    "report_tax_as_csv": "/desk/orders/tax/report/csv",
    "search_orders": "/desk/orders/found",
    "try_promotion": "/desk/orders/promotions/<promotion_id>/try",
    "unpack_shipment": "/desk/orders/<uuid:order_id>/shipments/<uuid:shipment_id>/unpack",
    "update_category": "/desk/catalog/categories/<slug>",
    "update_coupon": "/desk/orders/promotions/<promotion_id>/coupons/<code>/off",
    "update_order_record": "/desk/orders/<uuid:order_id>/reference",
    "update_product": "/desk/catalog/products/<uuid:product_id>",
    "update_promotion": "/desk/orders/promotions/<promotion_id>",
    "update_shipping_method": "/desk/orders/shipping/methods/<code>",
    "update_tax_rate": "/desk/orders/tax/rates/<uuid:rate_id>",
    "update_tax_registration": "/desk/orders/tax/registrations/<uuid:registration_id>",
    "update_user": "/desk/users/<uuid:user_id>/role",
    "update_user_record": "/desk/users/<uuid:user_id>/reference",
    "update_variant": "/desk/catalog/products/<uuid:product_id>/variants/<sku:sku>",
    "update_zone": "/desk/orders/shipping/zones/<zone_id>",
    "write_off_refund": "/desk/orders/<uuid:order_id>/write-off",
}
OF_EACH_MODULE = {
    "discard_parked_event": "/desk/{}/health/parked/<parked_id>/discard",
    "get_bus": "/desk/{}/health/state",
    "get_parked": "/desk/{}/health/parked/<parked_id>",
    "list_audits": "/desk/{}/health/audits",
    "list_operations": "/desk/{}/health/trail",
    "list_parked": "/desk/{}/health/parked",
    "list_parked_causes": "/desk/{}/health/parked",
    "retry_parked": "/desk/{}/health/retry",
    "retry_parked_event": "/desk/{}/health/parked/<parked_id>/retry",
}
NOT_AT_THE_DESK = {
    "get_product_record": "the metadata are for other systems, which read them through the API",
}
NOT_OF_EACH_MODULE = {
    "get_replay": "a replay is begun where its log can be watched: flask bus replay",
    "replay": "it runs past events again: done from a shell, with the runbook at hand",
    "republish": "it sends past events again: done from a shell, with the runbook at hand",
}


def test_every_operation_of_staff_has_a_page_or_a_reason(desk: Desk) -> None:
    modules = desk.shop.modules
    at_the_desk = AT_THE_DESK | {
        f"{name}_{module}": rule.format(module) for module in modules for name, rule in OF_EACH_MODULE.items()
    }
    reasons = NOT_AT_THE_DESK.keys() | {f"{name}_{module}" for module in modules for name in NOT_OF_EACH_MODULE}

    assert _operations_of_staff(desk) == at_the_desk.keys() | reasons
    assert not at_the_desk.keys() & reasons
    rules = {rule.rule for rule in desk.shop.app.url_map.iter_rules()}
    assert set(at_the_desk.values()) <= rules


def _operations_of_staff(desk: Desk) -> set[str]:
    app = desk.shop.app
    document: Any = app.test_client().get("/openapi.json").json
    found = set()
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            view = app.view_functions[rule.endpoint]
            handler = getattr(getattr(view, "view_class", None), method.lower(), None)
            if ROLES.get(getattr(handler, "access", ""), 0) >= ROLES["staff"]:
                described = document["paths"][_described(path)][method.lower()]
                found.add(described["operationId"])
    return found


def _described(rule: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
