"""What staff set up about shipping, as a port: zones, and methods with their rates."""

from collections.abc import Sequence
from typing import Protocol

from app.modules.orders.domain.shipping.shipping import Method
from app.modules.orders.domain.shipping.zone import Destination, Zone


class Shipping(Protocol):
    """Zones, and methods with their rates. A save succeeds only for the version that was read; else it raises Stale."""

    def zone_for(self, destination: Destination) -> str | None: ...

    def methods_for(self, zone_id: str | None) -> Sequence[Method]:
        """The active methods of this zone, and those without a zone."""

    def zones(self) -> Sequence[Zone]: ...

    def zone(self, id: str) -> Zone:
        """Raises NotFound(no_such_zone)."""

    def save_zone(self, zone: Zone) -> Zone:
        """Raises Conflict(zone_exists, too_many_zones)."""

    def methods(self) -> Sequence[Method]: ...

    def method(self, code: str) -> Method:
        """Raises NotFound(no_such_shipping_method)."""

    def save_method(self, method: Method) -> Method:
        """Save a method without its rates. Raises Conflict(shipping_method_exists, too_many_shipping_methods)."""

    def save_rates(self, method: Method) -> Method: ...
