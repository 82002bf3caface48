"""Routes for staff: the zones that the shop ships to, its shipping methods, and their rates."""

from dataclasses import dataclass
from typing import Any

from flask import Response, url_for
from flask.views import MethodView

from app.kernel.transaction import Transaction
from app.modules.orders.controllers.shipping import schemas, views
from app.modules.orders.controllers.shipping.views import method_view, rates_view, zone_list, zone_view
from app.modules.orders.domain.shipping.shipping import Method
from app.modules.orders.domain.shipping.zone import Zone
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.shipping.edit_method import add_method, change_method, replace_rates
from app.modules.orders.use_cases.shipping.edit_zone import add_zone, change_zone
from app.ops.caller import caller
from app.web.auth import staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.bodies import large_body
from app.web.etags import etag_of, expected, tagged
from app.web.operation import ETAG, IF_MATCH, LOCATION, operation


def shipping_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("shipping", "/shipping", "Zones, shipping methods and their rates, for staff")
    blp.add("/zones", Zones, transaction, reading)
    blp.add("/zones/<zone_id>", OneZone, transaction, reading)
    blp.add("/methods", Methods, transaction, reading)
    blp.add("/methods/<code>", OneMethod, transaction, reading)
    blp.add("/methods/<code>/rates", Rates, transaction, reading)
    return blp


@dataclass(frozen=True)
class Zones(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.ZoneList)
    @operation("list_zones")
    def get(self) -> views.ZoneList:
        """List the zones that the shop ships to"""
        with self.reading() as uow:
            return zone_list(list(uow.shipping.zones()))

    @staff_only
    @large_body
    @arguments(schemas.NewZone())
    @answers(201, views.Zone, ETAG | LOCATION)
    @operation("create_zone", refusals={409: "too_many_zones zone_exists", 422: "bad_area"})
    def post(self, new: dict[str, Any]) -> Answer[views.Zone]:
        """Create a zone. The reason is recorded in the trail of operations"""
        why = new.pop("reason")
        with self.transaction() as uow:
            zone = add_zone(uow, Zone(**new), caller(), why)
        location = url_for("shipping.OneZone", zone_id=zone.id)
        return Answer(zone_view(zone), {"ETag": f'"{etag_of(zone.version)}"', "Location": location})


@dataclass(frozen=True)
class OneZone(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.Zone, ETAG)
    @operation("get_zone", refusals={404: "no_such_zone"})
    def get(self, zone_id: str) -> Answer[views.Zone] | Response:
        """Get a zone with its areas"""
        with self.reading() as uow:
            zone = uow.shipping.zone(zone_id)
        return tagged(zone_view(zone), zone.version)

    @staff_only
    @large_body
    @arguments(schemas.ChangedZone())
    @answers(200, views.Zone, ETAG)
    @operation("update_zone", IF_MATCH, refusals={404: "no_such_zone", 422: "bad_area"})
    def patch(self, changes: dict[str, Any], zone_id: str) -> Answer[views.Zone] | Response:
        """Update a zone. The reason is recorded in the trail of operations"""
        why = changes.pop("reason")
        with self.transaction() as uow:
            zone = change_zone(uow, zone_id, changes, expected(), caller(), why)
        return tagged(zone_view(zone), zone.version)


@dataclass(frozen=True)
class Methods(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.ShippingMethodList)
    @operation("list_shipping_methods")
    def get(self) -> views.ShippingMethodList:
        """List the shipping methods, active or not"""
        with self.reading() as uow:
            return views.ShippingMethodList([method_view(each) for each in uow.shipping.methods()])

    @staff_only
    @arguments(schemas.NewShippingMethod())
    @answers(201, views.ShippingMethod, ETAG | LOCATION)
    @operation(
        "create_shipping_method",
        refusals={
            409: "shipping_method_exists too_many_shipping_methods",
            422: "bad_days unknown_tax_category unknown_zone",
        },
    )
    def post(self, new: dict[str, Any]) -> Answer[views.ShippingMethod]:
        """Create a shipping method, inactive. The reason is recorded in the trail of operations"""
        why = new.pop("reason")
        with self.transaction() as uow:
            method = add_method(uow, Method(**new), caller(), why)
        location = url_for("shipping.OneMethod", code=method.code)
        return Answer(method_view(method), {"ETag": f'"{etag_of(method.version)}"', "Location": location})


@dataclass(frozen=True)
class OneMethod(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.ShippingMethod, ETAG)
    @operation("get_shipping_method", refusals={404: "no_such_shipping_method"})
    def get(self, code: str) -> Answer[views.ShippingMethod] | Response:
        """Get a shipping method"""
        with self.reading() as uow:
            method = uow.shipping.method(code)
        return tagged(method_view(method), method.version)

    @staff_only
    @arguments(schemas.ChangedShippingMethod())
    @answers(200, views.ShippingMethod, ETAG)
    @operation(
        "update_shipping_method",
        IF_MATCH,
        refusals={
            404: "no_such_shipping_method",
            409: "rates_needed",
            422: "bad_days unknown_tax_category unknown_zone",
        },
    )
    def patch(self, changes: dict[str, Any], code: str) -> Answer[views.ShippingMethod] | Response:
        """Update or activate a shipping method. The reason is recorded in the trail of operations"""
        why = changes.pop("reason")
        with self.transaction() as uow:
            method = change_method(uow, code, changes, expected(), caller(), why)
        return tagged(method_view(method), method.version)


@dataclass(frozen=True)
class Rates(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.ShippingRates, ETAG)
    @operation("get_shipping_rates", refusals={404: "no_such_shipping_method"})
    def get(self, code: str) -> Answer[views.ShippingRates] | Response:
        """Get the rates of a shipping method; it has one version with them"""
        with self.reading() as uow:
            method = uow.shipping.method(code)
        return tagged(rates_view(method), method.version)

    @staff_only
    @arguments(schemas.ReplaceRates())
    @answers(200, views.ShippingRates, ETAG)
    @operation(
        "replace_shipping_rates",
        IF_MATCH,
        refusals={404: "no_such_shipping_method", 409: "rates_needed", 422: "bad_bands"},
    )
    def put(self, body: dict[str, Any], code: str) -> Answer[views.ShippingRates] | Response:
        """Replace all rates of a shipping method. The reason is recorded in the trail of operations"""
        with self.transaction() as uow:
            method = replace_rates(uow, code, body["by"], body["rates"], expected(), caller(), body["reason"])
        return tagged(rates_view(method), method.version)
