"""The JSON body that saves an address."""

from typing import Any, ClassVar

from marshmallow import post_load

from app.web.schemas import Address, Flag


class AddressToSave(Address):
    """A postal address, and whether it is the default for shipping and for billing.

    A name or a company is required; the rest depends on the country. `region`: the code of ISO 3166-2 without the
    country in AU, BR, CA, IN, MX and US, where it is required.
    """

    example: ClassVar[dict[str, object]] = Address.example | {"default_shipping": True}

    default_shipping = Flag(load_default=False)
    default_billing = Flag(load_default=False)

    @post_load
    def _make(self, values: dict[str, Any], **more: Any) -> dict[str, Any]:
        shipping, billing = values.pop("default_shipping"), values.pop("default_billing")
        return {"address": super()._make(values, **more), "shipping": shipping, "billing": billing}
